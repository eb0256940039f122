import Data
import Engine
import FileSystem
import Methods
import Networks
import Options
import TestSupport
import Testing

import class Networks.Attachment  // Testing has one too

@testable import Formats

@Suite struct BaseFolderTests {
  let chance = Engine.Chance(seed: 1)

  /// A folder with a tiny base and what was written.
  func written(_ model: Model, as format: Storage.Format = .f32) throws -> MemoryFiles {
    let files = MemoryFiles.memory
    try BaseFolder.write(model, to: "/m", as: format, files: files)
    return files
  }

  /// The base's tensors under other names or with other shapes.
  func rewritten(_ files: MemoryFiles, _ change: (String, Tensor) throws -> [Safetensors.Part]) throws {
    let file = try Safetensors("/m/model.safetensors", files: files)
    let parts = try file.entries.flatMap { try change($0.name, file.tensor($0)) }
    try Safetensors.write(parts, to: "/m/model.safetensors", files: files)
  }

  @Test func shapesAreThoseOfTheModel() throws {
    for inner in [0, 24] {
      var form = GPT.Form()
      (form.width, form.heads, form.layers, form.inner) = (8, 2, 3, inner)
      let model = try GPT.model(form, chance: chance)
      #expect(form.shapes.map(\.name) == model.directory.parameters.map(\.name))
      #expect(form.shapes.map(\.shape) == model.directory.parameters.map(\.shape))
      #expect(form.shapes.reduce(0) { $0 + $1.shape.reduce(1, *) } == form.count)
    }
  }

  @Test(arguments: [0, Int.max])
  func f32ComesBackBitForBit(_ mapsAbove: Int) throws {
    try withScratch { folder in
      let model = try tinyModel(vocabulary: 300), path = Path.join(folder, "base"),
        tokenizer = try tinyTokenizer()
      let written = try BaseFolder.write(model, tokenizer: tokenizer, to: path)
      #expect(
        written.names == ["config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json"])
      let base = try BaseFolder(path, chance: chance, files: DiskFiles(mapsAbove: mapsAbove))
      for (a, b) in zip(base.model.directory.parameters, model.directory.parameters) {
        #expect(a.name == b.name && a.value.hash() == b.value.hash())
      }
      #expect(try logits(base.model).largestDifference(from: logits(model)) == 0)
      #expect(try base.tokenizer?.encode("the cat sat") == tokenizer.encode("the cat sat"))
      #expect(try base.model.words?.encode("the cat") == tokenizer.encode("the cat"))
      #expect(
        base.report.tensors == 28 && base.report.formats == ["F32"] && base.report.bytes == written.bytes)
      #expect(base.report.unknown.isEmpty && base.report.notes.isEmpty)
      let footprint = try BaseFolder.footprint(path)
      #expect(footprint.parameters == model.baseCount && footprint.bytes == 4 * model.baseCount)
      #expect(footprint.fileBytes > written.bytes)
    }
  }

  @Test(arguments: [(Storage.Format.bf16, "bfloat16"), (.f16, "float16")])
  func packedBasesRoundOnce(_ format: Storage.Format, _ name: String) throws {
    let model = try tinyModel(), files = try written(model, as: format)
    #expect(try JSON.read("/m/config.json", files: files)["dtype"] == .string(name))
    let base = try BaseFolder("/m", chance: chance, files: files)
    for (a, b) in zip(base.model.directory.parameters, model.directory.parameters) {
      #expect(a.value.scalars == b.value.packed(as: format).scalars)
    }
    let again = try written(base.model, as: format)
    #expect(
      try again.bytes(of: "/m/model.safetensors").array == files.bytes(of: "/m/model.safetensors").array)
  }

  @Test func namesWithoutPrefixBuffersAndCopiesAreUnderstood() throws {
    let model = try tinyModel(), files = try written(model)
    try rewritten(files) { name, tensor in
      let bare = String(name.dropFirst("transformer.".count))
      var parts = [Safetensors.Part(bare, tensor)]
      if bare == "wte.weight" { parts.append(.init("lm_head.weight", tensor)) }
      return parts
    }
    let file = try Safetensors("/m/model.safetensors", files: files)
    let mask = Safetensors.Part("h.0.attn.bias", .u8, [1, 1, 2, 2], bytes: [1, 0, 1, 1])
    let more = [mask, .init("h.0.attn.masked_bias", Tensor(-1e4)), .init("score.weight", Tensor(1))]
    let parts = try file.entries.map { Safetensors.Part($0.name, try file.tensor($0)) }
    try Safetensors.write(parts + more, to: "/m/model.safetensors", files: files)
    let base = try BaseFolder("/m", chance: chance, files: files)
    #expect(try logits(base.model).largestDifference(from: logits(model)) == 0)
    #expect(base.report.ignored == ["h.0.attn.bias", "h.0.attn.masked_bias", "lm_head.weight"])
    #expect(base.report.unknown == ["score.weight"])
  }

  @Test func shardsAreRead() throws {
    let model = try tinyModel(), files = try written(model)
    let file = try Safetensors("/m/model.safetensors", files: files)
    var map = JSON.Object(), shards: [String: [Safetensors.Part]] = [:]
    for (i, entry) in file.entries.enumerated() {
      let shard = "model-0000\(i % 2 + 1)-of-00002.safetensors"
      map[entry.name] = .string(shard)
      shards[shard, default: []].append(.init(entry.name, try file.tensor(entry)))
    }
    for (name, parts) in shards { try Safetensors.write(parts, to: "/m/" + name, files: files) }
    try files.remove("/m/model.safetensors")
    let index = try JSON.object(["weight_map": .object(map)]).text()
    try files.write("/m/model.safetensors.index.json", text: index)
    let base = try BaseFolder("/m", chance: chance, files: files)
    #expect(try logits(base.model).largestDifference(from: logits(model)) == 0)
  }

  @Test func harmlessConfigurationsOpen() throws {
    let files = try written(tinyModel())
    try changed(files, "/m", "config.json") {
      $0["activation_function"] = "gelu_pytorch_tanh"
      $0["n_inner"] = 64
      $0["attn_pdrop"] = 0.1
      $0["summary_type"] = "cls_index"
      $0["scale_attn_weights"] = .null
    }
    _ = try BaseFolder("/m", chance: chance, files: files)
  }

  @Test func aTokenizerIsWrittenBackUnchanged() throws {
    let files = try written(tinyModel(vocabulary: 284))
    let own = "  " + TokenizerFile.text(try tinyTokenizer()).replacing("\"1.0\",", with: "\"1.0\" ,\n") + "\n"
    let settings = "{\"eos_token\": \"<|endoftext|>\",   \"model_max_length\": 16}"
    try files.write("/m/tokenizer.json", text: own)
    try files.write("/m/tokenizer_config.json", text: settings)
    let base = try BaseFolder("/m", chance: chance, files: files)
    #expect(base.tokenizer != nil, "\(base.report.notes)")
    let made = try BaseFolder.write(base.model, tokenizer: base.tokenizer, to: "/n", files: files)
    #expect(made.names.contains("tokenizer.json"), "\(made.notes)")
    #expect(
      try files.text(of: "/n/tokenizer.json") == own && files.text(of: "/n/tokenizer_config.json") == settings
    )
  }

  @Test func anUnreadableTokenizerIsANote() throws {
    let files = try written(tinyModel())
    var base = try BaseFolder("/m", chance: chance, files: files)
    #expect(base.report.notes == ["There is no tokenizer.json: the model reads ids, not text."])
    try files.write("/m/tokenizer.json", text: #"{"model":{"type":"WordPieces"}}"#)
    base = try BaseFolder("/m", chance: chance, files: files)
    #expect(base.tokenizer == nil && base.report.notes.first?.contains("no model “WordPieces”") == true)
    try files.write("/m/tokenizer.json", text: TokenizerFile.text(tinyTokenizer()))
    base = try BaseFolder("/m", chance: chance, files: files)
    #expect(base.report.notes.first?.contains("284 tokens, the model only 40") == true)
  }

  @Test func attachmentsAreRefusedOrFolded() throws {
    let model = try tinyModel(), files = MemoryFiles.memory
    let before = model.directory.parameters.map { $0.value.hash() }
    let attachment = try attach(lora(r: 2, alpha: 4), to: model)
    expectFailure("merge lora") { try BaseFolder.write(model, to: "/m", files: files) }
    #expect(try files.kind(at: "/m") == nil)
    let written = try BaseFolder.write(model, to: "/m", merged: true, files: files)
    #expect(written.notes.first == "lora was folded into the weights that were written.")
    #expect(!attachment.isFolded && model.directory.parameters.map { $0.value.hash() } == before)
    let base = try BaseFolder("/m", chance: chance, files: files)
    #expect(try logits(base.model).largestDifference(from: logits(model)) < 1e-4)
    #expect(
      try logits(base.model).largestDifference(from: model.logits(Input(probeIds), Pass(isBase: true))) > 0.1)
    try attach(prompt(3), to: model)
    expectFailure("prompt cannot be merged") {
      try BaseFolder.write(model, to: "/m", merged: true, files: files)
    }
    #expect(!attachment.isFolded && model.directory.parameters.map { $0.value.hash() } == before)
  }

  @Test func trainedWeightsAreWrittenAsTheyAre() throws {
    let model = try tinyModel(), files = MemoryFiles.memory
    try Attachment(FullTuning(), to: model, name: "full")
    let weight = try #require(model.parameter("blocks.1.mlp.up.weight"))
    weight.value = .filled(weight.shape, 0.5)
    try BaseFolder.write(model, to: "/m", files: files)
    let base = try BaseFolder("/m", chance: chance, files: files)
    #expect(base.model.parameter("blocks.1.mlp.up.weight")?.value.scalars.allSatisfy { $0 == 0.5 } == true)
  }

  @Test func nothingOfAnotherModelStays() throws {
    let files = MemoryFiles.memory
    try BaseFolder.write(tinyModel(vocabulary: 300), tokenizer: tinyTokenizer(), to: "/m", files: files)
    expectFailure("“tokenizer.json” of another model") {
      try BaseFolder.write(tinyModel(), to: "/m", files: files)
    }
    expectFailure("284 tokens, the model has rows for 40") {
      try BaseFolder.write(tinyModel(), tokenizer: tinyTokenizer(), to: "/n", files: files)
    }
    let written = try BaseFolder.write(tinyModel(), tokenizer: Numbers(), to: "/n", files: files)
    #expect(written.notes == ["No tokenizer was written: tokenizer.json has no form for “numbers”."])
  }

  /// A tokenizer that no file holds.
  private struct Numbers: Tokenizer {
    let name = "numbers", vocabularySize = 40, endOfText: Int? = nil, pad: Int? = nil, specials: Set<Int> = []
    func encode(_ text: String) -> [Int] { text.split(separator: " ").compactMap { Int($0) } }
    func decode(_ ids: [Int]) -> String { ids.map(String.init).joined(separator: " ") }
    func token(_ id: Int) -> String { String(id) }
  }

  @Test func lettersComeBackWithTheBase() throws {
    let files = MemoryFiles.memory
    let written = try BaseFolder.write(
      tinyModel(), tokenizer: CharacterTokenizer.alphabet, to: "/m", files: files)
    #expect(written.notes.isEmpty && written.names.contains("tokenizer.json"))
    let base = try BaseFolder("/m", chance: chance, files: files)
    #expect(base.tokenizer as? CharacterTokenizer == .alphabet)
    #expect(try base.model.words?.encode("ace") == [0, 2, 4])
  }
}
