import FileSystem
import Options
import TestSupport
import Testing

@testable import Formats

@Suite struct AdapterFolderTests {
  @Test func readsWhatPeftWrote() throws {
    let adapter = try AdapterFolder(Path.join(golden, "lora"))
    #expect(adapter.peftType == "LORA")
    #expect(
      adapter.tensors.map(\.name) == [
        "transformer.h.0.attn.c_attn.lora_A.weight", "transformer.h.0.attn.c_attn.lora_B.weight",
      ])
    #expect(adapter.tensors.map(\.entry.shape) == [[2, 8], [24, 2]])
    #expect(adapter.keysWithoutPrefix.isEmpty)
    let a = try adapter.withBytes(of: adapter.tensors[0]) { $0.load(fromByteOffset: 60, as: Float.self) }
    #expect(a == 1.875)
    let prompt = try AdapterFolder(Path.join(golden, "prompt"))
    #expect(prompt.tensors.map(\.name) == ["prompt_embeddings"])
    #expect(prompt.keysWithoutPrefix == ["prompt_embeddings"])
  }

  @Test(arguments: ["lora", "prompt"])
  func writesPeftsBytes(_ name: String) throws {
    let folder = Path.join(golden, name), disk = DiskFiles(), files = MemoryFiles.memory
    let adapter = try AdapterFolder(folder)
    let parts = try adapter.tensors.map { tensor in
      Safetensors.Part(
        tensor.key, tensor.entry.dtype, tensor.entry.shape, bytes: try adapter.file.copy(tensor.key))
    }
    try AdapterFolder.write(config: adapter.config, parts, to: "/out", files: files)
    #expect(try files.names(in: "/out") == disk.names(in: folder))
    for file in try files.names(in: "/out") {
      #expect(
        try files.bytes(of: Path.join("/out", file)).array == disk.bytes(of: Path.join(folder, file)).array)
    }
  }

  @Test(arguments: [
    ("base_model.model.h.0.lora_A.weight", "h.0.lora_A.weight"),
    ("base_model.model.h.0.lora_A.default.weight", "h.0.lora_A.weight"),
    ("base_model.model.model.layers.0.q.lora_B.weight", "model.layers.0.q.lora_B.weight"),
    ("base_model.model.h.0.lora_embedding_A.default", "h.0.lora_embedding_A"),
    ("base_model.model.h.0.lora_magnitude_vector.default.weight", "h.0.lora_magnitude_vector"),
    ("base_model.model.h.0.lora_magnitude_vector", "h.0.lora_magnitude_vector"),
    ("base_model.classifier.weight", "classifier.weight"),
    ("base_model.model.classifier.bias", "classifier.bias"),
    ("base_model.model.heads.default.weight", "heads.default.weight"),
    ("base_model.model.default.lora_A.weight", "default.lora_A.weight"),
    ("prompt_embeddings", "prompt_embeddings"), ("h.0.lora_A.weight", "h.0.lora_A.weight"), ("", ""),
    ("base_model.model", "model"), ("base_model", "base_model"),
  ])
  func namesOfKeys(_ key: String, _ name: String) { #expect(AdapterFolder.name(ofKey: key) == name) }

  @Test func missingKeysHaveDefaultsAndUnknownOnesAreKeptAside() throws {
    let files = try memory([
      "/a/adapter_config.json": Array(#"{"peft_type":"LORA","r":4,"bias":null,"new":{"x":1}}"#.utf8),
      "/a/adapter_model.safetensors": safetensors("{}"),
    ])
    let adapter = try AdapterFolder("/a", files: files)
    let (values, unknown) = adapter.settings(defaults: [
      "peft_type": "", "r": 8, "lora_alpha": 8, "bias": "none",
    ])
    #expect(values == ["peft_type": "LORA", "r": 4, "lora_alpha": 8, "bias": "none"])
    #expect(unknown == ["new": ["x": 1]])
  }

  @Test func twoKeysOfOneMeaningAreRefused() throws {
    let entry = { (i: Int) in "{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[\(i),\(i + 1)]}" }
    let header =
      "{\"base_model.model.x.lora_A.weight\":\(entry(0)),\"base_model.model.x.lora_A.default.weight\":\(entry(1))}"
    let files = try memory([
      "/a/adapter_config.json": Array(#"{"peft_type":"LORA"}"#.utf8),
      "/a/adapter_model.safetensors": safetensors(header, [1, 2]),
    ])
    expectFailure("mean the same tensor") { _ = try AdapterFolder("/a", files: files) }
  }

  @Test func writesOnlyTheGivenKeysAndAsksForTheTask() throws {
    let files = MemoryFiles.memory
    func write(_ config: JSON.Object) throws {
      let part = Safetensors.Part("prompt_embeddings", [1, 2], floats: [1, 2])
      try AdapterFolder.write(config: config, [part], to: "/a", files: files)
    }
    expectFailure("no peft_type") { try write(["r": 4]) }
    expectFailure("no task_type") { try write(["peft_type": "PROMPT_TUNING"]) }
    try write(["task_type": "CAUSAL_LM", "peft_type": "PROMPT_TUNING"])
    #expect(
      try files.text(of: "/a/adapter_config.json") == """
        {
          "peft_type": "PROMPT_TUNING",
          "task_type": "CAUSAL_LM"
        }
        """)
    #expect(try AdapterFolder("/a", files: files).file.metadata == ["format": "pt"])
  }
}
