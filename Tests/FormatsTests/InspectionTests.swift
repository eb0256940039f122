import Engine
import FileSystem
import Methods
import Networks
import Options
import TestSupport
import Testing

import class Networks.Attachment  // Testing has one too

@testable import Formats

/// Looking into adapter folders without a base.
@Suite struct InspectionTests {
  /// A folder in memory from a configuration and tensors.
  private func folder(_ config: String, _ tensors: [(String, [Int], [Float])], path: String = "/a") throws
    -> MemoryFiles
  {
    let files = try memory([path + "/adapter_config.json": Array(config.utf8)])
    let parts = tensors.map { Safetensors.Part($0.0, $0.1, floats: $0.2) }
    try Safetensors.write(parts, to: path + "/adapter_model.safetensors", files: files)
    return files
  }

  /// One LoRA module: A = [1 0; 0 2] wide, B = rows.
  private func lora(_ config: String, module: String = "base_model.model.h.0.q", b: [Float] = [3, 0, 0, 1])
    throws -> AdapterInspection
  {
    let files = try folder(
      config, [(module + ".lora_A.weight", [2, 2], [1, 0, 0, 2]), (module + ".lora_B.weight", [2, 2], b)])
    return try AdapterInspection("/a", files: files)
  }

  private func texts(_ one: AdapterInspection, _ level: Finding.Level) -> [String] {
    one.findings.filter { $0.level == level }.map(\.text)
  }

  @Test func numbersOfALoRA() throws {
    let model = try tinyModel(), files = MemoryFiles.memory
    let attachment = try attach(Formats_lora(), to: model, layers: [1])
    try AdapterFiles.write(attachment, of: model, to: "/a", files: files)
    let one = try AdapterInspection("/a", files: files)
    #expect(one.type == "LORA" && one.targets == ["c_attn"] && one.count == 4 * 64 && one.tensors == 2)
    #expect(one.modules.map(\.name) == ["transformer.h.1.attn.c_attn"])
    let module = one.modules[0], (a, b) = (attachment.parameters[0].value, attachment.parameters[1].value)
    #expect(module.rank == 4 && module.scale == 3 && module.dead == 0 && !module.isZero)
    #expect(module.items.map(\.key.key) == ["lora_A.weight", "lora_B.weight"])
    #expect(abs((module.items[0].norm ?? 0) - Double(a.norm)) < 1e-4)
    let change = try b.matmul(a).scaled(by: 3), values = try change.singularValues()
    #expect(module.singularValues.count == 4)
    #expect(zip(module.singularValues, values).allSatisfy { abs($0 - Double($1)) < 1e-3 })
    #expect(abs((module.change ?? 0) - Double(change.norm)) < 1e-3)
    #expect(texts(one, .problem).isEmpty, "\(one.findings)")
    #expect(texts(one, .remark).contains("In Graft this is lora."))
  }

  private func Formats_lora() -> LoRA {
    var lora = LoRA()
    (lora.r, lora.alpha, lora.rslora) = (4, 6, true)
    return lora
  }

  @Test func scalesThatAreReallyUsed() throws {
    let base = #""peft_type":"LORA","target_modules":["q"],"#
    #expect(try lora("{\(base)\"r\":2,\"lora_alpha\":3}").modules[0].scale == 1.5)
    #expect(try lora("{\(base)\"r\":2}").modules[0].scale == 4, "α is 8 where it is missing")
    #expect(
      try lora("{\(base)\"r\":4,\"rank_pattern\":{\"h.0.q\":2},\"lora_alpha\":3}").modules[0].scale == 1.5)
    #expect(try lora("{\(base)\"r\":2,\"alpha_pattern\":{\"q\":1}}").modules[0].scale == 0.5)
    let root = try lora("{\(base)\"r\":2,\"lora_alpha\":3,\"use_rslora\":true}").modules[0]
    #expect(abs((root.scale ?? 0) - 3 / 2.0.squareRoot()) < 1e-12)
    let one = try lora("{\(base)\"r\":2,\"lora_alpha\":2}").modules[0]
    #expect(one.singularValues.count == 2 && abs(one.singularValues[0] - 3) < 1e-6)
    #expect(one.change.map { abs($0 - 13.0.squareRoot()) < 1e-6 } == true)
  }

  /// What is wrong, and the words by which it is told.
  @Test(arguments: [
    (#"{"r":2}"#, "no peft_type"), (#"{"peft_type":"SSF","r":2}"#, "no peft_type “SSF”"),
    (#"{"peft_type":"LORA","r":4,"target_modules":["q"]}"#, "the rank 4, its tensors have 2"),
    (#"{"peft_type":"LORA","r":2,"target_modules":["v"]}"#, "does not take"),
    (#"{"peft_type":"LORA","r":2,"use_dora":true}"#, "have no magnitude"),
    (#"{"peft_type":"LORA","r":2,"bias":"all"}"#, "no bias is in the file"),
    (#"{"peft_type":"LORA","r":2,"modules_to_save":["score"]}"#, "the head would be a random one"),
    (#"{"peft_type":"PROMPT_TUNING"}"#, "does nothing with it"),
  ])
  func problemsAreNamed(_ config: String, _ words: String) throws {
    let one = try lora(config)
    #expect(texts(one, .problem).contains { $0.contains(words) }, "\(one.findings)")
  }

  @Test func tensorsThatAreOdd() throws {
    let config = #"{"peft_type":"LORA","r":2,"target_modules":["q"]}"#
    let zero = try lora(config, b: [0, 0, 0, 0])
    #expect(zero.modules[0].isZero && texts(zero, .problem).contains { $0.contains("Every B is zero") })
    let dead = try lora(config, b: [3, 0, 5, 0])
    #expect(dead.modules[0].dead == 1 && texts(dead, .suspicion).contains { $0.contains("add nothing") })
    let broken = try lora(config, b: [3, .nan, 0, 1])
    #expect(
      texts(broken, .problem).contains { $0.contains("NaN") } && broken.modules[0].singularValues.isEmpty)
    let bare = try lora(config, module: "h.0.q")
    #expect(texts(bare, .problem).contains { $0.contains("lack the prefix") })
    let named = try folder(
      config,
      [
        ("base_model.model.h.0.q.lora_A.default.weight", [2, 2], [1, 0, 0, 2]),
        ("base_model.model.h.0.q.lora_B.default.weight", [2, 2], [1, 0, 0, 2]),
        ("base_model.model.h.1.q.lora_A.weight", [2, 2], [1, 0, 0, 2]), ("extra", [1], [1]),
      ])
    let one = try AdapterInspection("/a", files: named)
    #expect(texts(one, .suspicion).contains { $0.contains("hold the adapter's name") })
    #expect(texts(one, .problem).contains { $0.contains("A without B") })
    #expect(texts(one, .suspicion).contains { $0.contains("are none of LORA's") })
    #expect(try one.json.text().contains("\"singular_values\":[4.0,1.0]") || one.modules.count == 3)
  }

  @Test func promptsAndTheirShapes() throws {
    let files = try folder(
      #"{"peft_type":"PREFIX_TUNING","task_type":"CAUSAL_LM","num_virtual_tokens":2,"token_dim":3,"num_layers":1}"#,
      [("prompt_embeddings", [2, 6], [Float](repeating: 1, count: 6) + [Float](repeating: 0, count: 6))])
    let one = try AdapterInspection("/a", files: files)
    #expect(
      one.modules[0].dead == 1 && one.modules[0].change.map { abs($0 - 6.0.squareRoot()) < 1e-6 } == true)
    #expect(texts(one, .problem).isEmpty)
    let wrong = try folder(
      #"{"peft_type":"PROMPT_TUNING","task_type":"SEQ_2_SEQ_LM","num_virtual_tokens":2,"token_dim":6,"num_transformer_submodules":2}"#,
      [("prompt_embeddings", [2, 6], [Float](repeating: 1, count: 12))])
    #expect(
      texts(try AdapterInspection("/a", files: wrong), .problem).contains { $0.contains("asks for [4, 6]") })
  }

  @Test func adaptersOfTheOtherLibrary() throws {
    let files = try memory([
      "/a/adapter_config.json": Array(
        #"{"config":{"mh_adapter":true,"output_adapter":true,"reduction_factor":16},"version":"adapters.1.3.0","model_name":"bert"}"#
          .utf8)
    ])
    let key = "bert.encoder.layer.0.output.adapters.mood."
    try Safetensors.write(
      [
        .init(key + "adapter_down.0.weight", [1, 2], floats: [1, 2]),
        .init(key + "adapter_up.weight", [2, 1], floats: [1, 2]),
      ], to: "/a/adapter.safetensors", files: files)
    let one = try AdapterInspection("/a", files: files)
    #expect(one.type.contains("Houlsby") && one.library == "adapters.1.3.0" && one.base == "bert")
    #expect(one.modules.map(\.name) == ["bert.encoder.layer.0.output"])
    #expect(texts(one, .remark).contains { $0.contains("adapters library") })
  }

  @Test func picklesAndNothingAreRefused() throws {
    var files = try memory(["/a/adapter_config.json": Array("{}".utf8), "/a/adapter_model.bin": [1]])
    expectFailure("is a pickle") { _ = try AdapterInspection("/a", files: files) }
    files = try memory(["/a/config.json": Array("{}".utf8)])
    expectFailure("let m = open /a") { _ = try AdapterInspection("/a", files: files) }
    files = try memory(["/a/adapter_config.json": Array(#"{"peft_type":"LORA"}"#.utf8)])
    #expect(
      try AdapterInspection("/a", files: files).findings.contains {
        $0.text.contains("nothing could be loaded")
      })
  }

  @Test func twoSideBySide() throws {
    let config = #"{"peft_type":"LORA","r":2,"lora_alpha":ALPHA,"target_modules":["q"]}"#
    func one(_ alpha: Int, _ b: [Float]) throws -> AdapterInspection {
      try lora(config.replacing("ALPHA", with: "\(alpha)"), b: b)
    }
    let first = try one(2, [3, 0, 0, 1]), second = try one(4, [3, 0, 0, 1])
    let doubled = try AdapterDifference(first, second)
    #expect(doubled.settings.map(\.key) == ["lora_alpha"])
    let module = try #require(doubled.modules.first)
    #expect(abs((module.cosine ?? 0) - 1) < 1e-9 && abs((module.first ?? 0) - 13.0.squareRoot()) < 1e-6)
    #expect(abs((module.difference ?? 0) - 13.0.squareRoot()) < 1e-6)
    let same = try AdapterDifference(first, first)
    #expect(same.settings.isEmpty && same.modules.allSatisfy { $0.difference == 0 })
    let across = try AdapterDifference(first, one(2, [0, 1, 1, 0]))
    #expect(abs(across.modules[0].cosine ?? 1) < 1e-9, "orthogonal")
    _ = try doubled.json.text()
  }

  /// Damaged folders end in findings or in a `Failure`.
  @Test func damageTrapsNothing() throws {
    var damage = Damage(seed: 11)
    let config = Array(
      #"{"peft_type":"LORA","r":2,"lora_alpha":4,"target_modules":["q"],"rank_pattern":{"q":2},"modules_to_save":null}"#
        .utf8)
    let names = ["h.0.q.lora_A.weight", "h.0.q.lora_B.weight", "h.1.q.lora_A.weight", "h.1.q.lora_B.weight"]
    let parts = names.map {
      Safetensors.Part("base_model.model." + $0, [2, 2], floats: [1, 2, 3, 4])
    }
    let good = try memory(["/a/adapter_config.json": config])
    try Safetensors.write(parts, to: "/a/adapter_model.safetensors", files: good)
    let weights = try good.bytes(of: "/a/adapter_model.safetensors").array
    var told = 0
    for round in 0..<400 {
      let files = try memory([
        "/a/adapter_config.json": round % 2 == 0 ? damage.mutate(config) : config,
        "/a/adapter_model.safetensors": round % 2 == 1 ? damage.mutate(weights) : weights,
      ])
      do {
        let one = try AdapterInspection("/a", files: files)
        _ = try AdapterDifference(one, one)
        _ = try one.json.text()
        told += 1
      } catch is Failure {}
      do { _ = try AdapterFiles.read("/a", onto: tinyModel(), files: files) } catch is Failure {}
    }
    #expect(told > 20)
  }
}
