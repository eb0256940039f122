import Options

/// Reads a regular expression into the steps of a machine.
struct ScalarPatternReader {
  private let text: String
  private let letters: [UInt32]
  private var at = 0
  private var depth = 0
  private var foldsCase = false

  init(_ text: String) {
    self.text = text
    letters = text.unicodeScalars.map(\.value)
  }

  /// The whole expression.
  mutating func program() throws -> [ScalarPattern.Step] {
    guard letters.count <= 4000 else { throw wrong("it is too long") }
    let tree = try either()
    guard at == letters.count else { throw wrong("a bracket closes that was never opened") }
    do { return try tree.steps() } catch let fault as ScalarPatternTree.Fault { throw wrong(fault.why) }
  }

  // MARK: Reading

  private var next: UInt32? { at < letters.count ? letters[at] : nil }

  private mutating func take(_ text: String) -> Bool {
    let wanted = text.unicodeScalars.map(\.value)
    guard letters[at...].starts(with: wanted) else { return false }
    at += wanted.count
    return true
  }

  private mutating func either() throws -> ScalarPatternTree {
    depth += 1
    defer { depth -= 1 }
    guard depth < 60 else { throw wrong("its groups are too deep") }
    let folds = foldsCase
    defer { foldsCase = folds }
    var choices = [try sequence()]
    while take("|") { choices.append(try sequence()) }
    return choices.count == 1 ? choices[0] : .either(choices)
  }

  private mutating func sequence() throws -> ScalarPatternTree {
    var parts: [ScalarPatternTree] = []
    while let letter = next, letter != 0x7C, letter != 0x29 {
      if take("(?i)") {
        foldsCase = true
        continue
      }
      parts.append(try repeated(try one()))
    }
    return .sequence(parts)
  }

  private func plain(_ set: ScalarSet) -> ScalarPatternTree {
    .set(ScalarTest(set, foldsCase: foldsCase), set)
  }

  private mutating func one() throws -> ScalarPatternTree {
    let letter = letters[at]
    if letter == 0x28 { return try group() }
    if letter == 0x5B { return plain(try set()) }
    at += 1
    switch Unicode.Scalar(letter) {
    case ".": return plain(.not(.range(10, 10)))
    case "^": return .place(.lineStart)
    case "$": return .place(.lineEnd)
    case "*", "+", "?": throw wrong("a repetition has nothing before it")
    case "\\":
      switch next.flatMap(Unicode.Scalar.init) {
      case "A": at += 1; return .place(.start)
      case "z", "Z": at += 1; return .place(.end)
      case "b": at += 1; return .place(.boundary(isThere: true))
      case "B": at += 1; return .place(.boundary(isThere: false))
      case "w": at += 1; return plain(ScalarSet.bareWord)
      case "W": at += 1; return plain(.not(ScalarSet.bareWord))
      default: return plain(try escaped())
      }
    default: return plain(.range(letter, letter))
    }
  }

  private mutating func group() throws -> ScalarPatternTree {
    at += 1
    var look: (ahead: Bool, isThere: Bool)?, isAtomic = false
    let folds = foldsCase
    if take("?i:") {
      foldsCase = true
    } else if take("?:") {
    } else if take("?=") {
      look = (true, true)
    } else if take("?!") {
      look = (true, false)
    } else if take("?<=") {
      look = (false, true)
    } else if take("?<!") {
      look = (false, false)
    } else if take("?>") {
      isAtomic = true
    } else if next == 0x3F {
      throw wrong("a group begins with (?…")
    }
    let inner = try either()
    foldsCase = folds
    guard take(")") else { throw wrong("a bracket stays open") }
    if let look { return .look(inner, ahead: look.ahead, isThere: look.isThere) }
    return isAtomic ? .atomic(inner) : inner
  }

  /// What stands after a backslash.
  private mutating func escaped() throws -> ScalarSet {
    guard let letter = next, let name = Unicode.Scalar(letter) else { throw wrong("it ends in a backslash") }
    at += 1
    switch name {
    case "s": return .white
    case "S": return .not(.white)
    case "d": return .category(ScalarSet.categories(["Nd"]))
    case "D": return .not(.category(ScalarSet.categories(["Nd"])))
    case "w": return .word
    case "W": return .not(.word)
    case "n": return .range(10, 10)
    case "r": return .range(13, 13)
    case "t": return .range(9, 9)
    case "f": return .range(12, 12)
    case "v": return .range(11, 11)
    case "x": return try code(braces: next == 0x7B, digits: 2)
    case "u": return try code(braces: next == 0x7B, digits: 4)
    case "p", "P": return try property(isNot: name == "P")
    default:
      let isPlain = !(name.properties.isAlphabetic || ("0"..."9").contains(name))
      guard isPlain else { throw wrong("\\\(name) is not known here") }
      return .range(letter, letter)
    }
  }

  private mutating func code(braces: Bool, digits: Int) throws -> ScalarSet {
    var hex = ""
    if braces {
      at += 1
      while let letter = next, letter != 0x7D, hex.count < 8 {
        hex.unicodeScalars.append(scalarAt(letter)); at += 1
      }
      at += 1
    } else {
      while hex.count < digits, let letter = next { hex.unicodeScalars.append(scalarAt(letter)); at += 1 }
    }
    guard at <= letters.count, let value = UInt32(hex, radix: 16), value <= 0x10FFFF else {
      throw wrong("a code point is not written in hexadecimal")
    }
    return .range(value, value)
  }

  private func scalarAt(_ value: UInt32) -> Unicode.Scalar { Unicode.Scalar(value) ?? " " }

  private mutating func property(isNot: Bool) throws -> ScalarSet {
    var name = ""
    if take("{") {
      while let letter = next, letter != 0x7D, name.count < 40 {
        name.unicodeScalars.append(scalarAt(letter)); at += 1
      }
      guard take("}") else { throw wrong("\\p{ stays open") }
    } else if let letter = next {
      name.unicodeScalars.append(scalarAt(letter))
      at += 1
    }
    let turned = name.hasPrefix("^")
    guard let set = ScalarSet.property(turned ? String(name.dropFirst()) : name) else {
      throw wrong("\\p{\(name)} is not known here")
    }
    return isNot != turned ? .not(set) : set
  }

  /// A class, which may hold classes and cuts (`&&`).
  private mutating func set() throws -> ScalarSet {
    depth += 1
    defer { depth -= 1 }
    guard depth < 60 else { throw wrong("its classes are too deep") }
    at += 1
    let isNot = take("^")
    var cuts: [ScalarSet] = [], parts: [ScalarSet] = [], isFirst = true
    while let letter = next, letter != 0x5D || isFirst {
      isFirst = false
      if take("&&") {
        cuts.append(.any(of: parts))
        parts = []
      } else if take("[:") {
        var name = ""
        while let inner = next, inner != 0x3A, name.count < 20 {
          name.unicodeScalars.append(scalarAt(inner)); at += 1
        }
        guard take(":]"), let set = ScalarSet.property(name) else {
          throw wrong("[:\(name):] is not known here")
        }
        parts.append(set)
      } else if letter == 0x5B {
        parts.append(try set())
      } else {
        parts.append(try member(letter))
      }
    }
    guard take("]") else { throw wrong("a class stays open") }
    cuts.append(.any(of: parts))
    let whole: ScalarSet = cuts.count == 1 ? cuts[0] : .all(of: cuts)
    return isNot ? .not(whole) : whole
  }

  /// A scalar, an escape or a range inside a class.
  private mutating func member(_ letter: UInt32) throws -> ScalarSet {
    func item(_ reader: inout ScalarPatternReader) throws -> ScalarSet {
      guard let letter = reader.next else { throw reader.wrong("a class stays open") }
      reader.at += 1
      return letter == 0x5C ? try reader.escaped() : .range(letter, letter)
    }
    let first = try item(&self)
    guard case .range(let low, _) = first, next == 0x2D, at + 1 < letters.count, letters[at + 1] != 0x5D
    else {
      return first
    }
    at += 1
    guard case .range(let high, _) = try item(&self), low <= high else {
      throw wrong("a range runs backwards")
    }
    return .range(low, high)
  }

  private mutating func repeated(_ tree: ScalarPatternTree) throws -> ScalarPatternTree {
    var tree = tree
    while let letter = next {
      var least = 0, most = Int.max, isCounted = false
      switch Unicode.Scalar(letter) {
      case "*": at += 1
      case "+": at += 1; least = 1
      case "?": at += 1; most = 1
      case "{":
        guard let counts = counts() else { return tree }
        (least, most, at) = counts
        isCounted = true
        guard least <= most, least <= 1000, most == .max || most <= 1000 else {
          throw wrong("it repeats too often")
        }
      default: return tree
      }
      var mode = ScalarPatternTree.Mode.greedy
      if take("?") { mode = .lazy } else if !isCounted, take("+") { mode = .possessive }
      if tree.mayBeEmpty { throw wrong("what may be empty is repeated") }
      tree = .repeated(tree, least: least, most: most, mode: mode)
    }
    return tree
  }

  /// `{2}`, `{2,}` or `{,3}`, and where it ends; nil: a brace as it stands.
  private func counts() -> (Int, Int, Int)? {
    guard let close = letters[at...].firstIndex(of: 0x7D), close - at < 12 else { return nil }
    let inside = String(String.UnicodeScalarView(letters[at + 1..<close].map(scalarAt)))
    let parts = inside.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 2, let first = parts.first,
      inside.allSatisfy({ $0.isASCII && ($0.isNumber || $0 == ",") }),
      inside != ",", !inside.isEmpty
    else { return nil }
    guard let least = first.isEmpty ? 0 : Int(first) else { return nil }
    if parts.count == 1 { return (least, least, close + 1) }
    guard let most = parts[1].isEmpty ? Int.max : Int(parts[1]) else { return nil }
    return (least, most, close + 1)
  }

  private func wrong(_ why: String) -> Failure {
    Failure(
      "the pattern “\(text.prefix(60))” is not followed: \(why).",
      cure: "Save the tokenizer with a pattern that Graft knows.")
  }
}
