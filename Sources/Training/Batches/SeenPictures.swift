import Data
import Options

/// Pictures that go with labelled texts, as image tokens, part by part, in the order of the texts.
public struct SeenPictures: Sendable {
  /// The image tokens.
  public let features: [LabelledBatches.Part: Features]
  /// The pictures themselves, for showing.
  public let pictures: [LabelledBatches.Part: LabelledPictures]

  /// Image tokens of the parts, and the pictures behind them.
  public init(
    _ features: [LabelledBatches.Part: Features], _ pictures: [LabelledBatches.Part: LabelledPictures]
  ) {
    (self.features, self.pictures) = (features, pictures)
  }

  /// Some pictures of a part with their classes; nil where there is none.
  public func pictures(
    _ part: LabelledBatches.Part, at places: [Int]
  ) throws -> (pictures: Pictures, choices: [Int?])? {
    guard let all = pictures[part] else { return nil }
    let pictures = try Pictures(height: all.height, width: all.width, all.values(places))
    return (pictures, places.map { all.choices[$0] })
  }

  /// Throws unless each part has a picture for each text.
  func check(_ texts: [LabelledBatches.Part: [LabelledText]], _ name: String) throws {
    for (part, all) in texts where features[part]?.count ?? 0 != all.count {
      throw Failure("\(name) has \(all.count) texts and \(features[part]?.count ?? 0) pictures for them.")
    }
  }

  /// FNV-1a over all numbers.
  var digest: String {
    var sum: UInt64 = 0xcbf2_9ce4_8422_2325
    for part in LabelledBatches.Part.allCases {
      for x in features[part]?.values ?? [] { sum = (sum ^ UInt64(x.bitPattern)) &* 0x100_0000_01b3 }
    }
    return String(sum, radix: 16)
  }
}
