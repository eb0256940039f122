/// How well names are found: a name counts when its kind, its first word and its last word are right.
///
/// A name of kind K begins at `B-K`, or at `I-K` after anything else than K, and goes on with `I-K`
/// (Tjong Kim Sang and De Meulder 2003, the CoNLL task's own rule).
public struct SpanScores: Sendable, Equatable {
  /// Names in the data, names that the model says, and those of them that are right.
  public internal(set) var wanted = 0, said = 0, right = 0

  /// The share of what was said that is right.
  public var precision: Double { said == 0 ? 0 : Double(right) / Double(said) }
  /// The share of the names that were found.
  public var recall: Double { wanted == 0 ? 0 : Double(right) / Double(wanted) }
  /// 2·P·R / (P + R).
  public var f1: Double { wanted + said == 0 ? 0 : 2 * Double(right) / Double(wanted + said) }

  /// Whether tags tell of names at all: `B-` and `I-`.
  static func isOf(_ labels: [String]) -> Bool {
    labels.contains { $0.hasPrefix("B-") || $0.hasPrefix("I-") }
  }

  /// Adds a sentence's tags and the model's.
  mutating func add(wanted: [String], said: [String]) {
    let names = Self.spans(wanted), found = Self.spans(said)
    self.wanted += names.count
    self.said += found.count
    right += names.intersection(found).count
  }

  struct Span: Hashable {
    var kind: Substring
    var first: Int
    var last: Int
  }

  /// The names of a sentence.
  static func spans(_ tags: [String]) -> Set<Span> {
    var spans: [Span] = [], isOpen = false
    for (place, tag) in tags.enumerated() {
      guard tag.hasPrefix("B-") || tag.hasPrefix("I-") else {
        isOpen = false
        continue
      }
      let kind = tag.dropFirst(2)
      if isOpen, tag.hasPrefix("I-"), spans[spans.count - 1].kind == kind {
        spans[spans.count - 1].last = place
      } else {
        spans.append(Span(kind: kind, first: place, last: place))
      }
      isOpen = true
    }
    return Set(spans)
  }
}
