import Data
import Engine
import FileSystem
import Networks
import Options
import TestSupport
import Testing

@testable import Formats

/// A tiny Llama in a GGUF file (Scripts/golden_gguf.py), against transformers with the same unpacked numbers.
@Suite struct GGUFBaseTests {
  private let path = GGUFTests.folder + "/tiny.gguf"
  private static let hasLlama = BaseForms.named("llama") != nil

  @Test func namesAreThoseOfTheFormat() {
    #expect(GGUFNames.own("model.layers.3.self_attn.q_proj.weight") == "blk.3.attn_q.weight")
    #expect(GGUFNames.own("model.layers.12.post_attention_layernorm.weight") == "blk.12.ffn_norm.weight")
    #expect(GGUFNames.own("model.embed_tokens.weight") == "token_embd.weight")
    #expect(GGUFNames.own("lm_head.weight") == "output.weight" && GGUFNames.own("model.rotary.weight") == nil)
  }

  @Test func sizesBecomeAConfiguration() throws {
    let file = try GGUF(path), config = try GGUFNames.of(file).config(file)
    let wanted: [(String, JSON)] = [
      ("model_type", "llama"), ("num_hidden_layers", 2), ("hidden_size", 64), ("intermediate_size", 96),
      ("num_attention_heads", 4), ("num_key_value_heads", 2), ("max_position_embeddings", 128),
      ("rope_theta", 10000.0), ("rms_norm_eps", 1e-05), ("vocab_size", 317), ("tie_word_embeddings", true),
    ]
    for (key, value) in wanted { #expect(config[key] == value, "\(key): \(String(describing: config[key]))") }
  }

  @Test(.enabled(if: hasLlama)) func theModelComputesAsTransformers() throws {
    let expected = try Safetensors(GGUFTests.folder + "/tiny.safetensors")
    let base = try BaseFolder(path, chance: Engine.Chance(seed: 1))
    #expect(base.report.unknown.isEmpty && base.report.tensors == 20 && base.tokenizer != nil)
    let facts = try JSON.read(GGUFTests.folder + "/tiny.json", files: .disk)
    let ids = (facts["ids"]?.asArray ?? []).compactMap(\.asInteger)
    #expect(try base.tokenizer?.encode(facts["text"]?.asString ?? "") == ids)
    let logits = try base.model.logits(Input([ids]), Pass())
    let wanted = try expected.tensor(named: "logits")
    #expect(try logits.reshaped(wanted.shape).largestDifference(from: wanted) < 1e-4)
    for part in ["q", "k", "v", "o"] {
      let name = "model.layers.0.self_attn.\(part)_proj.weight"
      let parameter = try #require(
        base.model.directory.parameters.first { $0.name == "blocks.0.attn.\(part).weight" })
      #expect(parameter.value.isIdentical(to: try expected.tensor(named: name)), "\(part)")
      #expect(try parameter.source?.read().isIdentical(to: parameter.value) == true, "\(part)")
    }
  }

  @Test(.enabled(if: hasLlama)) func aFolderWithOnlyAGGUFFileIsOpened() throws {
    try withScratch { folder in
      let disk = DiskFiles()
      try disk.write(folder + "/tiny.gguf", bytes: disk.contents(of: path))
      let base = try BaseFolder(folder, keep: .f16, chance: Engine.Chance(seed: 1))
      #expect(
        base.report.formats.contains("Q4_1")
          && base.model.directory.parameters[0].value.storage.format == .f16)
      let need = try BaseFolder.footprint(folder)
      #expect(need.parameters == base.model.baseCount && need.bytes == 4 * need.parameters)
    }
  }

  @Test func anotherArchitectureIsNamedWithTheNearest() throws {
    var bytes = try DiskFiles().contents(of: path)
    let name = Array("general.architecture".utf8)
    let place = try #require(bytes.firstRange(of: name)).upperBound + 12
    bytes.replaceSubrange(place..<place + 5, with: Array("lxama".utf8))
    let files = try memory(["/m/x.gguf": bytes])
    expectFailure("no architecture “lxama”") {
      _ = try BaseFolder("/m/x.gguf", chance: Engine.Chance(seed: 1), files: files)
    }
  }
}
