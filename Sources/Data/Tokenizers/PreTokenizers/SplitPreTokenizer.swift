import FileSystem
import Options

/// Cuts at the matches of a text or an expression.
struct SplitPreTokenizer: PreTokenizer {
  static let type = "Split"
  private let pattern: TextPattern
  private let behavior: SplitBehavior
  private let isTurned: Bool
  private let rule: WordRule?

  init(_ part: JSONPlace) throws {
    pattern = try TextPattern(part["pattern"])
    isTurned = part["invert"].flag ?? false
    let names = SplitBehavior.allCases.map(\.rawValue)
    guard let name = part["behavior"].text else {
      throw part["behavior"].failure(names.joined(separator: " or "))
    }
    guard let behavior = SplitBehavior(rawValue: name) else {
      throw unknown("behavior", name, among: names, of: part["behavior"].place)
    }
    self.behavior = behavior
    // These patterns leave nothing between their matches, so a removed rest is none.
    let keepsAll = behavior == .isolated || behavior == .removed && isTurned
    rule = keepsAll ? part["pattern"]["Regex"].text.flatMap(WordRule.init) : nil
  }

  func cut(_ pieces: inout Pieces) throws {
    if let rule { return pieces.cut { bytes, piece, out in rule.cut(bytes, piece, &out) } }
    try pieces.cut { bytes, piece, out in
      var parts: [(range: Range<Int>, isMatch: Bool)] = [], done = piece.lowerBound
      try pattern.matches(bytes, piece) { range in
        if done < range.lowerBound { parts.append((done..<range.lowerBound, isTurned)) }
        parts.append((range, !isTurned))
        done = range.upperBound
      }
      if done < piece.upperBound { parts.append((done..<piece.upperBound, isTurned)) }
      behavior.join(parts, &out)
    }
  }
}
