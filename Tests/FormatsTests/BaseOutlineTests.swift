import Engine
import FileSystem
import Methods
import Networks
import Options
import TestSupport
import Testing

@testable import Formats

/// Models of a configuration alone.
@Suite struct BaseOutlineTests {
  /// BLOOMZ-560m's configuration, of which the project's copy has the sizes only.
  static let bloomz = "lessons/configs/bloomz-560m.json"

  static func path(_ name: String, _ here: String = #filePath) -> String {
    "/" + here.split(separator: "/").dropLast(3).joined(separator: "/") + "/" + name
  }

  @Test func aModelOfHalfABillionNumbersTakesNoMemory() throws {
    let before = MemoryPool.shared.bytes.live
    let model = try BaseOutline(Self.path(Self.bloomz), weights: .none, chance: Engine.Chance(seed: 1)).model
    #expect(model.isBlank && model.baseCount == 559_214_592)
    #expect(MemoryPool.shared.bytes.live - before < 1 << 20)
    var prompt = PromptTuning()
    prompt.n = 8
    try Attachment(prompt, to: model, name: "prompt")
    #expect(model.trainableCount == 8192 && model.count == 559_222_784)
  }

  @Test func runningMergingAndWritingAreRefused() throws {
    let files = MemoryFiles.memory
    let config: JSON = [
      "model_type": "llama", "vocab_size": 29, "hidden_size": 16, "num_hidden_layers": 1,
      "num_attention_heads": 2,
      "intermediate_size": 24,
    ]
    try files.write("/config.json", text: config.text())
    func make(_ weights: BaseOutline.Weights) throws -> Model {
      try BaseOutline("/config.json", weights: weights, chance: Engine.Chance(seed: 1), files: files).model
    }
    let model = try make(.none)
    let lora = try Attachment(LoRA(), to: model, name: "lora")
    #expect(lora.edits.count == 2)
    for attempt in [
      { _ = try model.logits(Input([[1, 2]]), Pass()) }, { try lora.fold(model) },
      { try BaseFolder.write(model, to: "/m", merged: true, files: files) },
      { try Attachment(PiSSA(), to: model, name: "pissa") },
    ] as [() throws -> Void] {
      var failure: Failure?
      do { try attempt() } catch let found as Failure { failure = found }
      #expect(failure?.what.contains("no numbers") == true)
      #expect(failure?.cure.contains("weights=random") == true)
    }
    let random = try make(.random)
    #expect(!random.isBlank && random.baseCount == model.baseCount)
    #expect(try random.logits(Input([[1, 2]]), Pass()).isFinite)
    #expect(random.directory.parameters.map(\.shape) == model.directory.parameters.map(\.shape))
  }

  @Test func whatIsNoConfigurationIsRefused() throws {
    let files = MemoryFiles.memory
    try files.write("/list.json", text: "[]")
    try files.write("/plain.json", text: "{\"a\": 1}")
    try files.write(
      "/huge.json",
      text: """
        {"model_type": "llama", "hidden_size": 65536, "num_attention_heads": 1024, "head_dim": 4096,
        "intermediate_size": 1048576, "num_hidden_layers": 1000, "vocab_size": 1000000}
        """)
    try files.write("/typo.json", text: "{\"model_type\": \"blom\"}")
    for (path, words) in [
      ("/list.json", "is no configuration"), ("/plain.json", "model_type"), ("/typo.json", "blom"),
      ("/none.json", "none.json"), ("/huge.json", "not even addresses"),
    ] {
      let failure = try #require(throws: Failure.self) {
        try BaseOutline(path, weights: .none, chance: Engine.Chance(seed: 1), files: files)
      }
      #expect(failure.what.contains(words), "\(failure.what)")
    }
  }
}
