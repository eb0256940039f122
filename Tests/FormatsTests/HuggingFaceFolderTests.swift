import FileSystem
import Options
import TestSupport
import Testing

@testable import Formats

@Suite struct HuggingFaceFolderTests {
  func look(_ contents: [String: String], _ path: String = "/m") throws -> HuggingFaceFolder {
    try HuggingFaceFolder(path, files: memory(contents.mapValues { Array($0.utf8) }))
  }

  @Test func saysWhatAFolderIs() throws {
    let base = try look(["/m/config.json": #"{"model_type":"gpt2"}"#, "/m/model.safetensors": ""])
    #expect(base.kind == .base(modelType: "gpt2"))
    #expect(base.weights == .single("model.safetensors"))
    #expect(base.sentence == "a base model (gpt2), weights in model.safetensors")
    try base.requireBase()
    let shards = try look([
      "/m/config.json": #"{"model_type":"gpt2"}"#, "/m/model.safetensors.index.json": "",
    ])
    #expect(shards.weights == .sharded("model.safetensors.index.json"))
    let adapter = try HuggingFaceFolder(Path.join(golden, "lora"))
    #expect(adapter.kind == .adapter(peftType: "LORA"))
    #expect(adapter.config["lora_alpha"] == 4)
    try adapter.requireAdapter()
    #expect(try look(["/m/a.graft-session": "", "/m/x": ""]).kind == .sessions(["a.graft-session"]))
    #expect(try look(["/m/x": ""]).kind == .nothing)
    #expect(try look(["/m/x.gguf": ""]).weights == .gguf("x.gguf"))
  }

  @Test func saysWhatIsMissing() throws {
    let config = #"{"model_type":"gpt2"}"#,
      adapter = #"{"peft_type":"LORA","base_model_name_or_path":"org/base"}"#
    expectFailure("lacks model.safetensors") { try look(["/m/config.json": config]).requireBase() }
    expectFailure("It holds: “readme”") { try look(["/m/readme": ""]).requireBase() }
    expectFailure("lacks config.json") { try look(["/m/readme": ""]).requireBase() }
    expectFailure("lacks adapter_config.json") { try look(["/m/readme": ""]).requireAdapter() }
    expectFailure("lacks adapter_model.safetensors") {
      try look(["/m/adapter_config.json": adapter]).requireAdapter()
    }
    expectFailure("Open its base, “org/base”, first") {
      try look(["/m/adapter_config.json": adapter]).requireBase()
    }
    expectFailure("“/m/pytorch_model.bin” is a pickle") {
      try look(["/m/config.json": config, "/m/pytorch_model.bin": ""]).requireBase()
    }
    expectFailure("“/m/adapter_model.bin” is a pickle") {
      try look(["/m/adapter_config.json": adapter, "/m/adapter_model.bin": ""]).requireAdapter()
    }
    expectFailure("does not say its model_type") { _ = try look(["/m/config.json": "{}"]) }
    expectFailure("does not say its peft_type") { _ = try look(["/m/adapter_config.json": "{}"]) }
    expectFailure("holds a list, not an object") { _ = try look(["/m/config.json": "[]"]) }
    expectFailure("line 1, column 2") { _ = try look(["/m/config.json": "{"]) }
    expectFailure("Did you mean “model”?") { _ = try look(["/model/x": ""], "/modle") }
    expectFailure("is not a folder") { _ = try look(["/m/x": ""], "/m/x") }
  }
}
