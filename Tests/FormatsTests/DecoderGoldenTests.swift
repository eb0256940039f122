import Engine
import FileSystem
import Networks
import Options
import TestSupport
import Testing

@testable import Formats

/// Tiny decoders of every family as transformers saved them: rotary positions in all their forms, shared keys, windows,
/// norms of queries and keys, slopes, heads of their own.
@Suite struct DecoderGoldenTests {
  static let folder = Path.join(golden, "decoders")
  static let disk: any Files = .disk
  static let names = [
    "llama", "llama-tied", "llama-linear", "llama-dynamic", "llama-llama3", "llama-yarn", "llama-yarn2",
    "mistral", "qwen2", "qwen3", "gemma", "bloom", "gpt2-untied",
  ]
  let facts: JSON.Object

  init() throws {
    let text = try Self.disk.text(of: Path.join(Self.folder, "facts.json"))
    facts = try #require(try JSON.parse(text, name: "facts.json").asObject)
  }

  func rows(_ key: String) throws -> [[Int]] {
    try #require(facts[key]?.asArray).map { try #require($0.asArray).map { try #require($0.asInteger) } }
  }

  /// The largest difference from the logits of transformers, at the positions that are real.
  func difference(_ name: String, _ model: Model) throws -> Float {
    let ids = try rows("ids"), mask = try rows("mask").map { $0.map(UInt8.init) }
    let columns = ids.map { Array($0.indices) }  // as transformers counts where it is told nothing
    let found = try model.logits(Input(ids, mask: mask, positions: columns), Pass()).scalars
    let wanted = try #require(facts["logits"]?[name]?.asArray).map { Float(try #require($0.asNumber)) }
    #expect(found.count == wanted.count)
    let width = found.count / mask.joined().count, real = Array(mask.joined())
    return found.indices.reduce(0) { most, i in
      real[i / width] == 1 ? max(most, abs(found[i] - wanted[i])) : most
    }
  }

  @Test(arguments: names) func answersAsTransformersDoes(_ name: String) throws {
    let base = try BaseFolder(Path.join(Self.folder, name), chance: Engine.Chance(seed: 1))
    #expect(base.report.unknown.isEmpty && base.report.drawn.isEmpty && base.report.ignored.isEmpty)
    #expect(try difference(name, base.model) < 1e-4)
    // The sizes alone say what there is.
    let all = base.model.directory.parameters
    #expect(base.report.tensors == all.count)
    #expect(try BaseOutline.count(Path.join(Self.folder, name)) == base.model.baseCount)
  }

  /// Written and opened again: the same names and bits, and the same answers.
  @Test(arguments: names) func comesBackBitForBit(_ name: String) throws {
    let base = try BaseFolder(Path.join(Self.folder, name), chance: Engine.Chance(seed: 1))
    let files = MemoryFiles.memory
    try BaseFolder.write(base.model, to: "/m", files: files)
    let written = try Safetensors("/m/model.safetensors", files: files)
    let given = try Safetensors(Path.join(Self.folder, name + "/model.safetensors"), files: Self.disk)
    #expect(Set(written.names) == Set(given.names))
    for entry in given.entries {
      #expect(try written.tensor(named: entry.name).isIdentical(to: given.tensor(entry)), "\(entry.name)")
    }
    let again = try BaseFolder("/m", chance: Engine.Chance(seed: 2), files: files).model
    #expect(try difference(name, again) < 1e-4)
  }

  /// What version 4 of transformers wrote: θ at the top, the stretching under `rope_scaling` with a `type`.
  @Test(arguments: ["llama", "llama-linear", "llama-dynamic", "llama-llama3", "llama-yarn", "llama-yarn2"])
  func olderConfigurationsSayTheSame(_ name: String) throws {
    let files = MemoryFiles.memory, from = Path.join(Self.folder, name)
    var config = try #require(try JSON.read(Path.join(from, "config.json"), files: Self.disk).asObject)
    var scaling = try #require(config["rope_parameters"]?.asObject)
    config["rope_parameters"] = nil
    (config["rope_theta"], scaling["rope_theta"]) = (scaling["rope_theta"], nil)
    (scaling["type"], scaling["rope_type"]) = (scaling["rope_type"], nil)
    config["rope_scaling"] = scaling["type"] == "default" ? .null : .object(scaling)
    let weights = try Self.disk.bytes(of: Path.join(from, "model.safetensors")).array
    try files.writeFolder(
      "/old",
      [
        FolderPart("config.json", text: JSON.object(config).text()),
        FolderPart("model.safetensors") { sink in try weights.withUnsafeBytes(sink) },
      ])
    #expect(
      try difference(name, BaseFolder("/old", chance: Engine.Chance(seed: 1), files: files).model) < 1e-4)
  }

  @Test(
    arguments: [
      (
        "llama", "rope_parameters", ["rope_type": "longrope", "rope_theta": 10],
        "rope_type is “longrope”"
      ),
      ("llama", "partial_rotary_factor", 0.5, "partial_rotary_factor is 0.5"),
      ("llama", "num_key_value_heads", 3, "kv=3 does not divide heads=4"),
      ("llama", "head_dim", 5, "heads of 5 numbers cannot be turned"),
      ("llama", "attention_bias", "yes", "attention_bias is “yes”, but must be true or false"),
      ("bloom", "apply_residual_connection_post_layernorm", true, "post_layernorm is true"),
      ("bloom", "n_inner", 7, "n_inner is 7"),
      ("qwen2", "layer_types", ["sliding_attention", "full_attention"], "layer_types"),
    ] as [(String, String, JSON, String)])
  func whatIsNotComputedIsRefused(_ name: String, _ key: String, _ value: JSON, _ words: String) throws {
    let files = MemoryFiles.memory, from = Path.join(Self.folder, name)
    var config = try #require(try JSON.read(Path.join(from, "config.json"), files: Self.disk).asObject)
    config[key] = value
    try files.writeFolder(
      "/m",
      [
        FolderPart("config.json", text: JSON.object(config).text()),
        FolderPart("model.safetensors", text: "none"),
      ])
    let failure = try #require(throws: Failure.self) {
      try BaseFolder("/m", chance: Engine.Chance(seed: 1), files: files)
    }
    #expect(failure.what.contains(words), "\(failure.what)")
    #expect(!failure.cure.isEmpty)
  }
}
