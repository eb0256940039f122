import Engine
import FileSystem
import Methods
import Networks
import Options
import TestSupport
import Testing

import class Networks.Attachment  // Testing has one too

@testable import Formats

/// Reading adapters that others wrote.
extension AdapterFilesTests {
  /// A sound adapter with a changed configuration.
  func reading(_ change: (inout JSON.Object) -> Void) throws -> (AdapterFiles.Loaded, Model) {
    let model = try tinyModel(), files = MemoryFiles.memory
    try AdapterFiles.write(attach(lora(r: 3, alpha: 6), to: model), of: model, to: "/a", files: files)
    try changed(files, "/a", "adapter_config.json", change)
    let other = try tinyModel()
    do { return (try AdapterFiles.read("/a", onto: other, files: files), model) } catch {
      #expect(other.attachments.isEmpty && other.trainableCount == other.baseCount)
      #expect(other.sites.allSatisfy { $0.isPlain(Pass()) })
      throw error
    }
  }

  @Test(
    arguments: [
      ("use_dora", JSON.bool(true), "such as transformer.h.0.attn.c_attn.lora_magnitude_vector"),
      ("lora_bias", true, "lora_bias"), ("bias", "some", "bias=some"),
      ("modules_to_save", ["lm_head"], "modules_to_save asks for whole modules"),
      ("rank_pattern", ["c_attn": 4], "is [3, 16], but blocks.0.attn.qkv.lora.A is [4, 16]"),
      ("rank_pattern", ["c_a.*": 4], "the regular expression c_a.* in rank_pattern"),
      ("alpha_pattern", ["c_attn": "x"], "alpha_pattern is"),
      ("alpha_pattern", ["c_fx": 2], "no site matches c_fx"),
      ("trainable_token_indices", [1], "trainable_token_indices"),
      ("layer_replication", [[0, 1]], "layer_replication"),
      ("init_lora_weights", "olora", "init_lora_weights=olora"),
      ("target_modules", ".*query", "takes no module of this base"),
      ("target_modules", "(c_attn", "a bracket stays open"),
      ("target_modules", 3, "is a number"),
      ("target_modules", ["query_key_value"], "this base has no module “query_key_value”"),
      ("target_modules", ["c_attn", "ln_1"], "lora finds nothing to change at ln_1"),
      (
        "target_modules", ["c_attn", "wte"], "lacks 2 of 6 tensors, such as transformer.wte.lora_embedding_A"
      ),
      ("target_modules", ["c_fc"], "lacks 4 of 4 tensors, such as transformer.h.0.mlp.c_fc.lora_A.weight"),
      ("target_modules", ["c_attn", "c_fc"], "lacks 4 of 8 tensors"),
      ("exclude_modules", ["c_attn"], "this base has no module"), ("layers_to_transform", [7], "layers=7"),
      ("layers_to_transform", "all", "layers_to_transform is “all”"),
      ("layers_pattern", "layers", "layers_pattern"),
      ("r", 4, "is [3, 16], but blocks.0.attn.qkv.lora.A is [4, 16]"), ("r", 0, "r=0 cannot be"),
      ("r", -3, "r=-3 cannot be"), ("r", 9_000_000_000_000, "r=9000000000000 cannot be"),
      ("r", "three", "r is “three”, which lora does not take"),
      ("lora_dropout", 1.5, "dropout=1.5 cannot be"),
      ("use_rslora", 3, "use_rslora=3"), ("peft_type", "SSF", "no method of the peft_type “SSF”"),
    ] as [(String, JSON, String)])
  func settingsThatCannotBeHeldAreRefused(_ key: String, _ value: JSON, _ words: String) throws {
    expectFailure(words) { _ = try reading { $0[key] = value } }
  }

  @Test func settingsOfOtherVersionsAreRead() throws {
    let (loaded, model) = try reading { config in
      // As peft 0.2 wrote it, and with what newer versions add.
      for key in ["enable_lora", "modules_to_save", "layers_to_transform", "layers_pattern"] {
        config[key] = .null
      }
      for key in ["merge_weights", "use_dora", "lora_bias"] { config[key] = false }
      config["init_lora_weights"] = true
      config["bias"] = "none"
      config["rank_pattern"] = [:]
      config["megatron_core"] = "megatron.core"
      config["peft_version"] = "0.99"
      config["invented_later"] = 3
      config["task_type"] = .null
    }
    #expect(loaded.report.notes == ["invented_later=3 is not known here and was left out."])
    #expect(try logits(tinyWith(loaded)).largestDifference(from: logits(model)) == 0)
  }

  /// A regular expression must fit a module's whole name, as in peft.
  @Test func anExpressionChoosesModules() throws {
    let (loaded, model) = try reading { $0["target_modules"] = #".*\.(c_attn|q_proj)"# }
    #expect(try logits(tinyWith(loaded)).largestDifference(from: logits(model)) == 0)
    expectFailure("takes no module") { _ = try reading { $0["target_modules"] = "c_attn" } }
  }

  /// The model that an adapter was read onto has it attached; another with the same numbers.
  func tinyWith(_ loaded: AdapterFiles.Loaded) throws -> Model {
    let model = try tinyModel()
    var placement = Attachment.Placement()
    placement.on = loaded.attachment.edits.map(\.site.name)
    let lora = try #require(loaded.attachment.method as? LoRA)
    let copy = try Attachment(lora, to: model, name: "lora", placement: placement)
    for (a, b) in zip(copy.parameters, loaded.attachment.parameters) { a.value = b.value }
    return model
  }

  @Test func targetsAreReadInAllTheirForms() throws {
    for (key, value) in [
      ("target_modules", JSON.null), ("target_modules", ["attn.c_attn"]),
      ("layers_to_transform", [0, 1]), ("layers_pattern", "h"), ("layers_pattern", ["h"]),
      ("exclude_modules", ["c_proj", "c_fc"]), ("target_modules", ["c_attn", "q_proj"]),
    ] {
      let (loaded, _) = try reading { $0[key] = value }
      #expect(loaded.attachment.edits.map(\.site.name) == ["blocks.0.attn.qkv", "blocks.1.attn.qkv"])
    }
    let model = try tinyModel(), files = MemoryFiles.memory
    let attachment = try attach(lora(r: 1, alpha: 1), to: model, on: ["attn.qkv", "attn.o", "mlp.*"])
    try AdapterFiles.write(attachment, of: model, to: "/a", files: files)
    try changed(files, "/a", "adapter_config.json") { $0["target_modules"] = "all-linear" }
    #expect(try AdapterFiles.read("/a", onto: tinyModel(), files: files).report.matched.count == 16)
  }

  /// A sound adapter with changed tensors.
  func readingTensors(_ change: (String, Tensor) throws -> [Safetensors.Part]) throws -> AdapterFiles.Loaded {
    let model = try tinyModel(), files = MemoryFiles.memory, path = "/a/adapter_model.safetensors"
    try AdapterFiles.write(attach(lora(r: 3, alpha: 6), to: model), of: model, to: "/a", files: files)
    let file = try Safetensors(path, files: files)
    try Safetensors.write(
      file.entries.flatMap { try change($0.name, file.tensor($0)) }, to: path, files: files)
    let other = try tinyModel()
    do { return try AdapterFiles.read("/a", onto: other, files: files) } catch {
      #expect(other.attachments.isEmpty)
      throw error
    }
  }

  @Test func keysInOtherFormsAreRead() throws {
    var loaded = try readingTensors {
      [.init($0.replacing(".weight", with: ".default.weight"), $1, as: .bf16)]
    }
    #expect(loaded.report.matched.count == 4 && loaded.report.difference > 0)
    loaded = try readingTensors { [.init($0.replacing("transformer.", with: ""), $1)] }
    #expect(loaded.report.matched.count == 4)
    loaded = try readingTensors { [.init(String($0.dropFirst("base_model.model.".count)), $1)] }
    #expect(loaded.report.notes == ["4 keys lack the prefix base_model.model.; peft would leave them out."])
    loaded = try readingTensors { [.init($0, $1), .init($0.replacing("h.1", with: "h.5") + ".x", $1)] }
    #expect(loaded.report.unexpected.count == 4)
    #expect(loaded.report.warning == "4 of the file's tensors have no place in this model.")
  }

  @Test func tensorsThatAreMissingOrWrongAreNamed() throws {
    expectFailure("lacks 1 of 4 tensors, such as transformer.h.1.attn.c_attn.lora_B.weight") {
      _ = try readingTensors { $0.contains("h.1.attn.c_attn.lora_B") ? [] : [.init($0, $1)] }
    }
    expectFailure("the file has: “other.transformer.h.0.attn.c_attn.lora_A.weight” [3, 16]") {
      _ = try readingTensors { [.init($0.replacing("base_model.model", with: "other"), $1)] }
    }
    expectFailure("lora_A.weight” holds NaN or infinity") {
      _ = try readingTensors { [.init($0, try Tensor($1.shape, $1.scalars.map { $0 < 0 ? .nan : $0 }))] }
    }
    expectFailure("is [16, 3], but blocks.0.attn.qkv.lora.A is [3, 16]") {
      _ = try readingTensors { [.init($0, try $1.transposed())] }
    }
    expectFailure("is I32, and weights are read from F32, BF16 and F16") {
      _ = try readingTensors {
        [.init($0, .i32, $1.shape, bytes: [UInt8](repeating: 0, count: $1.count * 4))]
      }
    }
  }

  @Test(
    arguments: [
      ("token_dim", JSON.integer(32), "token_dim is 32, but this model has n_embd=16"),
      ("num_layers", 3, "num_layers is 3"), ("num_transformer_submodules", 2, "an encoder and a decoder"),
      ("num_virtual_tokens", 4, "is [3, 16], but prompt.P is [4, 16]"),
      ("num_virtual_tokens", 16, "leave no room"),
      ("num_virtual_tokens", -1, "n=-1 cannot be"),
    ] as [(String, JSON, String)])
  func promptsOfAnotherBaseAreRefused(_ key: String, _ value: JSON, _ words: String) throws {
    let model = try tinyModel(), files = MemoryFiles.memory
    try AdapterFiles.write(attach(prompt(3), to: model), of: model, to: "/a", files: files)
    try changed(files, "/a", "adapter_config.json") { $0[key] = value }
    expectFailure(words) { _ = try AdapterFiles.read("/a", onto: tinyModel(), files: files) }
  }

  @Test func mutatedFilesNeitherTrapNorChangeTheModel() throws {
    let model = try tinyModel(), files = MemoryFiles.memory, other = try tinyModel()
    let before = try logits(other).hash()
    try AdapterFiles.write(attach(lora(r: 3, alpha: 6), to: model), of: model, to: "/a", files: files)
    var damage = Damage(seed: 3)
    for name in ["adapter_config.json", "adapter_model.safetensors"] {
      let path = "/a/" + name, seed = try files.bytes(of: path).array
      for _ in 0..<400 {
        try files.write(path, bytes: damage.mutate(seed))
        do {
          let loaded = try AdapterFiles.read("/a", onto: other, files: files)
          try loaded.attachment.detach(from: other)
        } catch is Failure {}
        #expect(other.attachments.isEmpty)
      }
      try files.write(path, bytes: seed)
    }
    #expect(try logits(other).hash() == before)
  }
}
