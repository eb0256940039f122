import Foundation

@testable import Data

/// What Scripts/golden_tokenizer.py wrote.
struct GoldenTokenizer: Decodable {
  struct Case: Decodable {
    var text: String
    var ids: [Int]
    var back: String
  }
  struct Cut: Decodable {
    var ids: [Int]
    var back: String
  }
  var sample: [String]
  var cases: [Case]
  var digits: [Case]
  var cuts: [Cut]

  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("Golden")
  static let path = folder.appendingPathComponent("tokenizer.json").path

  static func read() throws -> GoldenTokenizer {
    try JSONDecoder().decode(GoldenTokenizer.self, from: try bytes("tokenizer-cases.json"))
  }

  /// The tokenizer with single digits, whose file stands inside the cases.
  static func digitsTokenizer() throws -> BytePairTokenizer {
    let facts = try JSONSerialization.jsonObject(with: try bytes("tokenizer-cases.json")) as? [String: Any]
    let text = try JSONSerialization.data(withJSONObject: facts?["digitsTokenizer"] ?? [:])
    return try TokenizerFile.parse(Array(text))
  }

  private static func bytes(_ name: String) throws -> Foundation.Data {
    try Foundation.Data(contentsOf: folder.appendingPathComponent(name))
  }
}

/// An own sample for tests that learn a vocabulary.
let gardenTexts = [
  "the old tree bears sweet fruit", "the young tree bears no fruit yet", "sweet fruit, sour fruit",
  "i love this garden, it's lovely", "i hate this rain, it's awful", "the rain waters the old garden",
]

extension BytePairTokenizer {
  /// A small vocabulary learnt from the sample.
  static func garden(_ size: Int = 300) throws -> BytePairTokenizer {
    try BytePairTrainer(vocabularySize: size).train(gardenTexts)
  }
}
