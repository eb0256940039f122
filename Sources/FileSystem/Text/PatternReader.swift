import Options

/// Reads a regular expression into a tree.
struct PatternReader {
  private let text: String
  private let letters: [Unicode.Scalar]
  private var at = 0
  private var depth = 0

  init(_ text: String) {
    self.text = text
    letters = Array(text.unicodeScalars)
  }

  /// The whole expression; throws for what is not known.
  mutating func whole() throws -> PatternTree {
    guard letters.count <= 10_000 else { throw wrong("it is too long") }
    let tree = try either()
    guard at == letters.count else { throw wrong("a bracket closes that was never opened") }
    return tree
  }

  private var next: Unicode.Scalar? { at < letters.count ? letters[at] : nil }

  private mutating func take(_ letter: Unicode.Scalar) -> Bool {
    guard next == letter else { return false }
    at += 1
    return true
  }

  private mutating func either() throws -> PatternTree {
    depth += 1
    defer { depth -= 1 }
    guard depth < 100 else { throw wrong("its groups are too deep") }
    var choices = [try sequence()]
    while take("|") { choices.append(try sequence()) }
    return choices.count == 1 ? choices[0] : .either(choices)
  }

  private mutating func sequence() throws -> PatternTree {
    var parts: [PatternTree] = []
    while let letter = next, letter != "|", letter != ")" { parts.append(try repeated(try one())) }
    return .sequence(parts)
  }

  private mutating func one() throws -> PatternTree {
    let letter = letters[at]
    at += 1
    switch letter {
    case ".": return .letters(.any)
    case "^": return .start
    case "$": return .end
    case "[": return .letters(try set())
    case "\\": return .letters(try escaped())
    case "*", "+", "?": throw wrong("\(letter) repeats nothing")
    case "(":
      if take("?"), !take(":") { throw wrong("it looks around, or names a group") }
      let inner = try either()
      guard take(")") else { throw wrong("a bracket stays open") }
      return inner
    default: return .letters(.only(letter))
    }
  }

  private mutating func escaped() throws -> Letters {
    guard let letter = next else { throw wrong("it ends in a backslash") }
    at += 1
    if let named = Letters.named(letter) { return named }
    let isPlain = !(letter.properties.isAlphabetic || letter.properties.numericType != nil)
    guard isPlain else { throw wrong("\\\(letter) is not known here") }
    return .only(letter)
  }

  private mutating func set() throws -> Letters {
    var set = Letters(ranges: [])
    set.isNot = take("^")
    var isFirst = true
    while let letter = next, letter != "]" || isFirst {
      isFirst = false
      at += 1
      var low = Letters.only(letter)
      if letter == "\\" { low = try escaped() }
      // A range: both ends are single letters.
      if next == "-", at + 1 < letters.count, letters[at + 1] != "]", !low.isNot,
        let first = low.ranges.first,
        low.ranges.count == 1, first.count == 1
      {
        at += 1
        let last = letters[at].value
        at += 1
        guard first.lowerBound <= last else { throw wrong("a range runs backwards") }
        low = Letters(ranges: [first.lowerBound...last])
      }
      guard !low.isNot else { throw wrong("an opposite stands in a class") }
      set.ranges += low.ranges
    }
    guard take("]") else { throw wrong("a class stays open") }
    return set
  }

  private mutating func repeated(_ tree: PatternTree) throws -> PatternTree {
    var tree = tree
    while let letter = next {
      switch letter {
      case "*": tree = .repeated(tree, least: 0, most: nil)
      case "+": tree = .repeated(tree, least: 1, most: nil)
      case "?": tree = .repeated(tree, least: 0, most: 1)
      case "{":
        guard let (least, most, end) = counts() else { return tree }  // a brace as it is
        guard least <= 1000, most ?? 0 <= 1000, least <= most ?? least else {
          throw wrong("it repeats too often")
        }
        tree = .repeated(tree, least: least, most: most)
        at = end - 1
      default: return tree
      }
      at += 1
      if next == "?" { at += 1 }  // lazy: the same names match
    }
    return tree
  }

  /// `{2}`, `{2,}` or `{,3}`, and where it ends.
  private func counts() -> (least: Int, most: Int?, end: Int)? {
    guard let close = letters[at...].firstIndex(of: "}") else { return nil }
    let inside = String(String.UnicodeScalarView(letters[at + 1..<close]))
    let parts = inside.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 2, inside.count < 12, let first = parts.first else { return nil }
    guard parts.count == 2 else { return Int(first).map { ($0, $0, close + 1) } }
    let least = first.isEmpty ? 0 : Int(first), most = Int(parts[1])
    guard let least, least >= 0, parts[1].isEmpty || most != nil else { return nil }
    return (least, most, close + 1)
  }

  private func wrong(_ why: String) -> Failure {
    Failure(
      "the pattern \(shown(String(text.prefix(80)))) is not followed: \(why).",
      cure: "Write the names as a list.")
  }
}
