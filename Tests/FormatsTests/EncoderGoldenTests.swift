import Data
import Engine
import FileSystem
import Methods
import Networks
import Options
import TestSupport
import Testing
import Training

import class Networks.Attachment  // Testing has one too

@testable import Formats

/// A tiny BERT, ViT, DINOv2 and GPT-2 with heads for classes as transformers saved them, and peft's adapters on them.
@Suite struct EncoderGoldenTests {
  static let folder = Path.join(golden, "encoders")
  static let disk: any Files = .disk
  let facts: JSON.Object

  init() throws {
    let text = try Self.disk.text(of: Path.join(Self.folder, "facts.json"))
    facts = try #require(try JSON.parse(text, name: "facts.json").asObject)
  }

  func open(_ name: String, head: NewHead? = nil) throws -> BaseFolder {
    try BaseFolder(Path.join(Self.folder, name), head: head, chance: Engine.Chance(seed: 1))
  }

  func numbers(_ value: JSON?) throws -> [Float] {
    try #require(value?.asArray).map { Float(try #require($0.asNumber)) }
  }

  func rows(_ key: String) throws -> [[Int]] {
    try #require(facts[key]?.asArray).map { try #require($0.asArray).map { try #require($0.asInteger) } }
  }

  func input(_ name: String) throws -> Input {
    if name.hasPrefix("vit") || name.hasPrefix("dinov2") {
      return Input(pixels: try Tensor([2, 2, 8, 8], numbers(facts["pixels"])))
    }
    let mask = try rows("mask").map { $0.map(UInt8.init) }
    return try Input(rows("ids"), mask: mask, types: name.hasPrefix("bert") ? rows("types") : nil)
  }

  func logits(_ name: String) throws -> Tensor {
    try Tensor(
      name.hasPrefix("bert-tags") ? [2, 7, 4] : [2, 3], numbers(facts[name]?.asObject?["logits"]))
  }

  /// The largest difference where something was read: what stands at filling is nobody's answer.
  func difference(_ found: Tensor, _ name: String) throws -> Float {
    let wanted = try logits(name)
    #expect(found.shape == wanted.shape)
    guard name.hasPrefix("bert-tags") else { return try found.largestDifference(from: wanted) }
    let real = try rows("mask").joined().enumerated().filter { $0.element == 1 }.map(\.offset)
    return try found.reshaped([14, 4]).gather(real).largestDifference(
      from: wanted.reshaped([14, 4]).gather(real))
  }

  /// A class of each row, or of each token, row by row.
  func labels(_ name: String) throws -> [Int32] {
    guard name == "bert-tags" else {
      return try #require(facts["labels"]?.asArray).compactMap(\.asInteger).map { Int32($0) }
    }
    return try rows("tags").joined().map { Int32($0) }
  }

  @Test(arguments: ["bert", "vit", "dinov2", "gpt2", "bert-tags"]) func answersAsTransformersDoes(
    _ name: String
  ) throws {
    let base = try open(name)
    #expect(base.report.unknown.isEmpty && base.report.drawn.isEmpty)
    #expect(base.report.ignored == (name == "dinov2" ? ["dinov2.embeddings.mask_token"] : []))
    #expect(try difference(base.model.logits(input(name), Pass()), name) < 1e-5)
  }

  @Test(arguments: ["bert", "vit", "dinov2", "gpt2", "bert-tags"]) func gradientsAreThoseOfPyTorch(
    _ name: String
  ) throws {
    let model = try open(name).model, tape = Tape()
    let logits = try model.logits(input(name), Pass(tape: tape)), labels = try labels(name)
    let loss = try logits.reshaped([labels.count, logits.width]).crossEntropy(labels).loss
    let own = try #require(facts[name]?.asObject)
    #expect(abs(Double(loss.item) - (own["loss"]?.asNumber ?? 0)) < 1e-5)
    let gradients = try tape.gradients(of: loss)
    for member in try #require(own["gradients"]?.asObject).members {
      let parameter = try #require(model.parameter(member.key), "\(member.key)")
      var found = try #require(gradients[parameter.value], "\(member.key) has no gradient")
      if member.key.hasSuffix("c_attn.weight") { found = try found.transposed() }
      let wanted = try numbers(member.value), most = wanted.map(abs).max() ?? 0
      let worst = zip(found.scalars, wanted).map { abs($0 - $1) }.max() ?? 1
      #expect(worst < 1e-5 * max(1, most), "\(member.key)")
    }
  }

  /// Written and opened again: the same names, shapes and bits, and a configuration that transformers reads.
  @Test(arguments: ["bert", "vit", "dinov2", "gpt2", "bert-tags"]) func comesBackBitForBit(_ name: String)
    throws
  {
    let base = try open(name), files = MemoryFiles.memory
    try BaseFolder.write(base.model, to: "/m", files: files)
    let written = try Safetensors("/m/model.safetensors", files: files)
    let given = try Safetensors(Path.join(Self.folder, name + "/model.safetensors"), files: Self.disk)
    let kept = given.entries.filter { !base.report.ignored.contains($0.name) }
    #expect(Set(written.names) == Set(kept.map(\.name)))
    for entry in kept {
      let other = try #require(written.entries.first { $0.name == entry.name })
      #expect(other.shape == entry.shape && other.dtype == entry.dtype)
    }
    let again = try BaseFolder("/m", chance: Engine.Chance(seed: 9), files: files)
    for (a, b) in zip(again.model.directory.parameters, base.model.directory.parameters) {
      #expect(a.name == b.name && a.value.hash() == b.value.hash())
    }
    let config = try HuggingFaceFolder("/m", files: files).config
    let before = try HuggingFaceFolder(Path.join(Self.folder, name), files: Self.disk).config
    for key in ["architectures", "model_type", "id2label", "label2id", "hidden_act", "qkv_bias"] {
      #expect(config[key] == before[key], "\(key)")
    }
  }

  @Test(arguments: ["bert-lora", "bert-prompt", "vit-lora", "dinov2-lora", "gpt2-lora", "bert-tags-lora"])
  func adaptersBringTheirHeads(_ name: String) throws {
    let base = name.split(separator: "-").dropLast().joined(separator: "-"), model = try open(base).model
    let head = model.taskHead.map(\.value), before = try model.logits(input(base), Pass())
    let loaded = try AdapterFiles.read(Path.join(Self.folder, name), onto: model)
    #expect(loaded.report.unexpected.isEmpty && loaded.report.difference > 0)
    #expect(zip(model.taskHead, head).allSatisfy { $0.value.hash() != $1.hash() })
    #expect(try difference(model.logits(input(base), Pass()), name) < 1e-5, "\(loaded.report.notes)")
    try writesTheSame(loaded.attachment, of: model, as: name)
    try loaded.attachment.detach(from: model)
    #expect(try model.logits(input(base), Pass()).hash() == before.hash())
  }

  /// The same adapter as transformers 4 named its modules: `query` in the list, `encoder.layer` in the keys.
  @Test(arguments: [["query", "value"], ["attention.attention.query", "attention.value"]])
  func olderNamesAreRead(_ targets: [String]) throws {
    let given = try AdapterFolder(Path.join(Self.folder, "vit-lora")), files = MemoryFiles.memory
    var config = given.config
    config["target_modules"] = .array(targets.map { .string($0) })
    let parts = try given.tensors.map { tensor in
      var key = tensor.key.replacing("vit.layers.", with: "vit.encoder.layer.")
      for (today, older) in [("q_proj", "attention.query"), ("v_proj", "attention.value")] {
        key = key.replacing("attention.\(today)", with: "attention.\(older)")
      }
      return Safetensors.Part(key, try given.file.tensor(tensor.entry))
    }
    #expect(parts.filter { $0.name.contains("encoder.layer") }.count == parts.count - 2)  // but for the head
    try AdapterFolder.write(config: config, parts, to: "/a", files: files)
    let model = try open("vit").model
    let loaded = try AdapterFiles.read("/a", onto: model, files: files)
    #expect(loaded.report.unexpected.isEmpty && loaded.report.notes.isEmpty, "\(loaded.report.notes)")
    #expect(try model.logits(input("vit"), Pass()).largestDifference(from: logits("vit-lora")) < 1e-5)
  }

  private func writesTheSame(_ attachment: Attachment, of model: Model, as name: String) throws {
    let files = MemoryFiles.memory
    try AdapterFiles.write(attachment, of: model, to: "/a", files: files)
    let written = try AdapterFolder("/a", files: files)
    let given = try AdapterFolder(Path.join(Self.folder, name))
    #expect(Set(written.tensors.map(\.key)) == Set(given.tensors.map(\.key)))
    for tensor in given.tensors {
      let other = try #require(written.tensors.first { $0.key == tensor.key })
      let bits = try given.withBytes(of: tensor) { Array($0) }
      #expect(try written.withBytes(of: other) { Array($0) } == bits, "\(tensor.key)")
    }
    #expect(written.config["task_type"] == given.config["task_type"])
  }

  /// A base whose file has no head for classes gets one, and one that has another number of classes a new one.
  @Test func aNewTaskGetsANewHead() throws {
    let wider = try open("bert", head: 5)
    #expect(wider.report.drawn == ["head.weight", "head.bias"] && wider.report.ignored.count == 2)
    #expect(try wider.model.logits(input("bert"), Pass()).shape == [2, 5])
    let files = MemoryFiles.memory
    try BaseFolder.write(tinyModel(), to: "/m", files: files)
    let scored = try BaseFolder("/m", head: 4, chance: Engine.Chance(seed: 1), files: files)
    #expect(scored.report.drawn == ["head.weight"] && scored.report.unknown.isEmpty)
    #expect(scored.model.network.answers == .rows && !scored.report.notes.isEmpty)
  }

  @Test func aHeadNeedsItsPlace() throws {
    let model = try tinyModel()
    let failure = #expect(throws: Failure.self) {
      try AdapterFiles.read(Path.join(Self.folder, "gpt2-lora"), onto: model)
    }
    #expect(failure?.what.contains("score") == true && failure?.cure.contains("classes") == true)
    #expect(model.attachments.isEmpty)
  }

  @Test(arguments: [
    ("bert", "position_embedding_type", "\"relative_key\""), ("bert", "hidden_act", "\"quick_gelu\""),
    ("vit", "patch_size", "3"), ("bert", "num_attention_heads", "3"),
    ("gpt2", "problem_type", "\"regression\""),
  ]) func whatIsNotComputedIsRefused(_ name: String, _ key: String, _ value: String) throws {
    let path = Path.join(Self.folder, name)
    var config = try HuggingFaceFolder(path, files: Self.disk).config
    config[key] = try JSON.parse(value, name: "a value")
    let files = MemoryFiles.memory
    let weights = try Self.disk.bytes(of: Path.join(path, "model.safetensors")).array
    try files.writeFolder(
      "/m",
      [
        FolderPart("config.json", text: JSON.object(config).text()),
        FolderPart("model.safetensors") { sink in try weights.withUnsafeBytes(sink) },
      ])
    #expect(throws: Failure.self) { try BaseFolder("/m", chance: Engine.Chance(seed: 1), files: files) }
  }
}
