import Engine
import FileSystem
import Networks
import Options
import TestSupport
import Testing

@testable import Formats

/// Folders that are refused, each with its reason.
extension BaseFolderTests {
  @Test(
    arguments: [
      ("activation_function", JSON.string("relu"), "activation_function is “relu”"),
      ("scale_attn_by_inverse_layer_idx", true, "scale_attn_by_inverse_layer_idx is true"),
      ("scale_attn_weights", false, "scale_attn_weights is false"),
      ("add_cross_attention", true, "add_cross_attention is true"),
      ("tie_word_embeddings", false, "lacks 1 of the 29 tensors that config.json asks for: lm_head.weight"),
      ("tie_word_embeddings", 3, "tie_word_embeddings is 3, but must be true or false"),
      ("quantization_config", ["bits": 4], "quantization_config is"),
      ("n_layer", 0, "n_layer is 0, but must be a whole number from 1 to 1000"),
      ("n_layer", 3, "lacks 12 of the 40 tensors that config.json asks for: transformer.h.2.ln_1.weight"),
      ("n_head", 5, "heads=5 does not divide dim=16"), ("n_head", "two", "n_head is “two”"),
      ("n_embd", 32, "“transformer.wte.weight” is [40, 16], but config.json asks for [40, 32]"),
      ("n_inner", 32, "“transformer.h.0.mlp.c_fc.weight” is [16, 64], but config.json asks for [16, 32]"),
      ("n_positions", 1_000_000_000_000, "n_positions is 1000000000000"),
      ("layer_norm_epsilon", "x", "layer_norm_epsilon is “x”"),
      ("model_type", "llamo", "Graft has no architecture “llamo”"),
    ] as [(String, JSON, String)])
  func wrongConfigurationsAreRefusedByName(_ key: String, _ value: JSON, _ words: String) throws {
    let files = try written(tinyModel())
    try changed(files, "/m", "config.json") { $0[key] = value }
    expectFailure(words) { _ = try BaseFolder("/m", chance: chance, files: files) }
  }

  @Test func tensorsThatAreWrongAreNamed() throws {
    let model = try tinyModel()
    var files = try written(model)
    try rewritten(files) { name, tensor in
      name.hasPrefix("transformer.h.1") || name.contains("wpe") ? [] : [.init(name, tensor)]
    }
    expectFailure("lacks 13 of the 28 tensors that config.json asks for: transformer.wpe.weight") {
      _ = try BaseFolder("/m", chance: chance, files: files)
    }
    files = try written(model)
    try rewritten(files) { name, tensor in
      let turned = name.hasSuffix("attn.c_attn.weight")
      return [.init(name, turned ? try tensor.transposed() : tensor)]
    }
    expectFailure("“transformer.h.0.attn.c_attn.weight” is [48, 16], but config.json asks for [16, 48]") {
      _ = try BaseFolder("/m", chance: chance, files: files)
    }
    files = try written(model)
    try rewritten(files) { name, tensor in
      name.contains("wte")
        ? [.init(name, tensor), .init("lm_head.weight", Tensor.zeros(tensor.shape))]
        : [.init(name, tensor)]
    }
    expectFailure("“lm_head.weight” differs from “transformer.wte.weight”") {
      _ = try BaseFolder("/m", chance: chance, files: files)
    }
    files = try written(model)
    try rewritten(files) { name, tensor in
      name.contains("wte") ? [.init(name, tensor), .init("wte.weight", tensor)] : [.init(name, tensor)]
    }
    expectFailure("mean the same tensor") { _ = try BaseFolder("/m", chance: chance, files: files) }
  }

  @Test func cutAndOddFilesAreClearErrors() throws {
    let files = try written(tinyModel()), path = "/m/model.safetensors"
    let bytes = try files.bytes(of: path).array
    try files.write(path, bytes: Array(bytes.dropLast(100)))
    expectFailure("it is cut short") { _ = try BaseFolder("/m", chance: chance, files: files) }
    try files.write(path, bytes: Array("GGUF".utf8) + bytes)
    expectFailure("GGUF file under another name") { _ = try BaseFolder("/m", chance: chance, files: files) }
    try files.remove(path)
    try files.write("/m/weights.gguf", text: "GGUF")
    expectFailure("not a sound GGUF file") { _ = try BaseFolder("/m", chance: chance, files: files) }
  }

  @Test func mutatedConfigurationsNeitherTrapNorTakeMemory() throws {
    let files = try written(tinyModel())
    let seed = try files.bytes(of: "/m/config.json").array
    var damage = Damage(seed: 5), opened = 0
    let values =
      ["0", "-1", "1", "2", "17", "40", "64", "1e9", "1e-9", "null", "true", "[]", "{}", "\"x\"", "1.5"]
      + ["9223372036854775807", "-9223372036854775808", "1e308", "99999999999999999999999"]
    let object = try #require(try JSON.parse(seed, name: "config").asObject)
    for round in 0..<2000 {
      var bytes = damage.mutate(seed)
      if round % 2 == 0, let key = object.keys.randomElement(using: &damage) {
        let value = values.randomElement(using: &damage) ?? "0"
        let lines = String(decoding: seed, as: UTF8.self).split(separator: "\n")
        let changed = lines.map { line -> String in
          guard line.contains("\"\(key)\":") else { return String(line) }
          return "  \"\(key)\": \(value)" + (line.hasSuffix(",") ? "," : "")
        }
        bytes = Array(changed.joined(separator: "\n").utf8)
      }
      try files.write("/m/config.json", bytes: bytes)
      do {
        _ = try BaseFolder.footprint("/m", files: files)
        let base = try BaseFolder("/m", chance: self.chance, files: files)
        opened += 1
        #expect(base.model.baseCount == 7488 || !base.report.unknown.isEmpty)  // one block less
      } catch is Failure {}
    }
    #expect(opened > 100 && opened < 1900)
  }
}
