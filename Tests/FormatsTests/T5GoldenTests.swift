import Data
import Engine
import FileSystem
import Methods
import Options
import Testing

@testable import Formats
@testable import Networks

import class Networks.Attachment  // Testing has one too

/// T5 and mT5 as transformers saved them (Scripts/golden_t5.py): logits, greedy search, distances, heads.
@Suite struct T5GoldenTests {
  static let folder = Path.join(golden, "t5")
  let facts: JSON.Object
  let input: Input

  init() throws {
    let text = try DiskFiles().text(of: Path.join(Self.folder, "facts.json"))
    facts = try #require(try JSON.parse(text, name: "facts.json").asObject)
    let mask = try Self.rows(facts["mask"]).map { $0.map(UInt8.init) }
    var input = Input(try Self.rows(facts["ids"]), mask: mask)
    input.decoderIDs = try Self.rows(facts["written"])
    self.input = input
  }

  private static func rows(_ value: JSON?) throws -> [[Int]] {
    try #require(value?.asArray).map { try #require($0.asArray).map { try #require($0.asInteger) } }
  }

  private func open(_ name: String, files: any Files = .disk) throws -> BaseFolder {
    try BaseFolder(Path.join(Self.folder, name), chance: Engine.Chance(seed: 1), files: files)
  }

  private func expected(_ name: String) throws -> Tensor {
    try Safetensors(Path.join(Self.folder, "logits.safetensors")).tensor(named: name)
  }

  @Test(arguments: ["t5", "mt5", "untied"]) func answersAsTransformersDoes(_ name: String) throws {
    let base = try open(name)
    #expect(base.report.unknown.isEmpty && base.report.drawn.isEmpty)
    let found = try base.model.logits(input, Pass()), wanted = try expected(name)
    #expect(try found.largestDifference(from: wanted) < 1e-4)
    #expect(
      base.model.network.head.weight
        === base.model.parameter(name == "untied" ? "head.weight" : "embed.weight"))
  }

  /// The encoder once, then token by token with the cache.
  @Test(arguments: ["t5", "mt5"]) func writesAsTransformersDoes(_ name: String) throws {
    let model = try open(name).model, wanted = try Self.rows(facts["greedy"]?.asObject?[name])
    let rows = try Self.rows(facts["ids"]).map { $0.filter { $0 != 0 } }
    let found = try model.generate(rows, count: 7)
    // A row ends here at nothing, as there; padding stands on the other side, which distances do not see.
    #expect(found == wanted)
  }

  @Test func bucketsAreThoseOfTransformers() throws {
    for row in try #require(facts["buckets"]?.asArray) {
      let count = try #require(row["buckets"]?.asInteger), distance = try #require(row["distance"]?.asInteger)
      let first = try #require(row["first"]?.asInteger), isCausal = row["causal"] == true
      let wanted = try #require(row["of"]?.asArray).compactMap(\.asInteger)
      let found = wanted.indices.map {
        RelativeBias.bucket(first + $0, of: count, distance: distance, isCausal: isCausal)
      }
      #expect(found == wanted)
    }
  }

  /// What is written is what was read: the same names, the same logits, the same head.
  @Test(arguments: ["t5", "mt5", "untied"]) func folderComesBack(_ name: String) throws {
    let base = try open(name), files: any Files = .memory
    try BaseFolder.write(base.model, to: "/saved", files: files)
    let again = try BaseFolder("/saved", chance: Engine.Chance(seed: 2), files: files)
    let own = try Safetensors("/saved/model.safetensors", files: files)
    let theirs = try Safetensors(Path.join(Self.folder, "\(name)/model.safetensors"))
    #expect(Set(own.names) == Set(theirs.names))
    let before = try base.model.logits(input, Pass()), after = try again.model.logits(input, Pass())
    #expect(before.hash() == after.hash())
    #expect(again.model.architecture.type == base.model.architecture.type)
  }

  /// A head beside a config that says nothing of it; a copy of the table is no head.
  @Test func theFileDecidesOnTheHead() throws {
    func model(_ name: String, _ change: (inout JSON.Object, inout [Safetensors.Part]) throws -> Void) throws
      -> Model
    {
      let disk: any Files = .disk, folder = Path.join(Self.folder, name), files: any Files = .memory
      let text = try disk.text(of: Path.join(folder, "config.json"))
      var config = try #require(try JSON.parse(text, name: "config.json").asObject)
      let file = try Safetensors(Path.join(folder, "model.safetensors"))
      var parts = try file.names.map { Safetensors.Part($0, try file.tensor(named: $0)) }
      try change(&config, &parts)
      try files.writeFolder(
        "/m",
        [
          FolderPart("config.json", text: try JSON.object(config).text(.huggingFace)),
          FolderPart("model.safetensors", try Safetensors.contents(parts)),
        ])
      return try BaseFolder("/m", chance: Engine.Chance(seed: 1), files: files).model
    }
    let file = try Safetensors(Path.join(Self.folder, "t5/model.safetensors"))
    let table = try file.tensor(named: "shared.weight")
    let copied = try model("t5") { $1.append(Safetensors.Part("lm_head.weight", table)) }
    #expect(copied.parameter("head.weight") == nil)
    let other = try model("mt5") { $1.append(Safetensors.Part("lm_head.weight", table)) }
    #expect(other.parameter("head.weight") != nil)
    // Version 4 asks tie_word_embeddings whether to scale, version 5 scale_decoder_outputs.
    let wanted = try expected("t5"), factor = Float(12).squareRoot()
    for key in ["tie_word_embeddings", "scale_decoder_outputs"] {
      let plain = try model("t5") { config, _ in
        config["scale_decoder_outputs"] = nil
        config[key] = false
      }
      let found = try plain.logits(input, Pass())
      #expect(try found.largestDifference(from: wanted.scaled(by: factor)) < 1e-3, "\(key)")
    }
    // An mT5 of version 5 says that it is tied, and is not scaled.
    #expect((try model("mt5") { _, _ in }.network as? T5)?.form.scale == 1)
  }

  @Test(arguments: [
    ("feed_forward_proj", "\"gated-mish\""), ("relative_attention_num_buckets", "7"), ("d_kv", "0"),
    ("relative_attention_max_distance", "4"), ("decoder_start_token_id", "99"), ("num_heads", "\"3\""),
    ("is_encoder_decoder", "false"),
  ])
  func wrongConfigsAreNamed(key: String, value: String) throws {
    let text = try DiskFiles().text(of: Path.join(Self.folder, "t5/config.json"))
    var config = try #require(try JSON.parse(text, name: "config.json").asObject)
    config[key] = try JSON.parse(value, name: "value")
    let failure = #expect(throws: Failure.self) {
      _ = try T5.Form(config: BaseConfig(config, path: "config.json"))
    }
    #expect(failure.map { !$0.what.isEmpty && !$0.cure.isEmpty } == true, "\(key)")
  }

  /// `peft`'s form of prompts before an encoder holds as many vectors again; ours come back from it.
  @Test(arguments: ["prompt", "ptuning"]) func promptsOfThePaperAreWrittenForPeft(_ name: String) throws {
    let model = try open("t5").model, files: any Files = .memory
    func attach<M: TuningMethod>(_ type: M.Type) throws -> Networks.Attachment {
      try Networks.Attachment(M(), to: model, name: name)
    }
    let attachment = try attach(Methods.named(name))
    let before = try model.logits(input, Pass())
    let written = try AdapterFiles.write(attachment, of: model, to: "/a", files: files)
    #expect(written.tensors.map(\.shape) == [[16, 12]])
    try attachment.detach(from: model)
    let loaded = try AdapterFiles.read("/a", onto: model, files: files)
    #expect(try model.logits(input, Pass()).largestDifference(from: before) < 1e-5)
    #expect(loaded.attachment.parameters.map(\.shape) == [[16, 12]])
  }

  /// `peft`'s one prefix is written and comes back, dead rows and all.
  @Test(arguments: [PrefixTuning.Encoder.none, .mlp]) func prefixesOfPeftComeBack(
    _ encoder: PrefixTuning.Encoder
  ) throws {
    let base = Path.join(Path.parent(of: Path.parent(of: golden)), "Golden/parity-t5/t5/base")
    let model = try BaseFolder(base, chance: Engine.Chance(seed: 1)).model, files: any Files = .memory
    var method = PrefixTuning(), input = Input([[3, 1, 4, 1, 5]])
    (method.like, method.encoder, method.n) = (.peft, encoder, 3)
    input.decoderIDs = [[0, 9, 2, 6]]
    let attachment = try Networks.Attachment(method, to: model, name: "prefix")
    let before = try model.logits(input, Pass())
    let written = try AdapterFiles.write(attachment, of: model, to: "/a", files: files)
    #expect(written.tensors.map(\.shape) == [[3, 2 * 2 * 8]])
    try attachment.detach(from: model)
    _ = try AdapterFiles.read("/a", onto: model, files: files)
    #expect(try model.logits(input, Pass()).largestDifference(from: before) < 1e-5)
  }

  /// Three prefixes are more than `peft` can hold.
  @Test func prefixesOfThePaperAreRefusedForPeft() throws {
    let model = try open("t5").model, files: any Files = .memory
    let attachment = try Networks.Attachment(PrefixTuning(), to: model, name: "prefix")
    let failure = #expect(throws: Failure.self) {
      try AdapterFiles.write(attachment, of: model, to: "/a", files: files)
    }
    #expect(failure?.what.contains("like=peft") == true)
    let before = try model.logits(input, Pass())
    try AdapterFiles.write(attachment, of: model, to: "/own", isOwn: true, files: files)
    try attachment.detach(from: model)
    _ = try AdapterFiles.read("/own", onto: model, files: files)
    #expect(try model.logits(input, Pass()).hash() == before.hash())
  }
}
