import Options

/// A regular expression over names, as Python's `re.fullmatch` takes it, in time linear in the name: `peft` lets
/// configurations hold such, and a file from outside must not be able to stop the program.
///
///     .*\.layers\.(0|1)\.self_attn\.(q|v)_proj
///
/// It has literals, `.`, classes, groups, alternatives, `* + ? {m,n}` (lazy ones too, which match the same), `^`,
/// `$`, and `\d \w \s`; no look-around and no back-references. Thompson 1968.
public struct NamePattern: Sendable {
  /// The expression as it was written.
  public let text: String
  private let program: [Step]

  /// One step of the machine that is in many places at once.
  fileprivate enum Step: Sendable {
    case one(Letters)
    /// Goes on at both places.
    case split(Int, Int)
    case start, end, match
  }

  /// Compiles an expression; throws what it does not know, and for expressions too long.
  public init(_ text: String) throws {
    self.text = text
    var reader = PatternReader(text)
    let tree = try reader.whole()
    var program: [Step] = []
    try NamePattern.emit(tree, into: &program)
    self.program = program + [.match]
  }

  /// Whether the whole name matches.
  public func matches(_ name: String) -> Bool {
    let letters = Array(name.unicodeScalars)
    guard letters.count <= NamePattern.longest else { return false }
    var places = spread(from: [0], at: 0, of: letters.count)
    for (i, letter) in letters.enumerated() {
      let next = places.compactMap { place -> Int? in
        if case .one(let set) = program[place], set.contains(letter) { return place + 1 }
        return nil
      }
      places = spread(from: next, at: i + 1, of: letters.count)
      if places.isEmpty { return false }
    }
    return places.contains(program.count - 1)
  }

  /// Everywhere the machine is without reading another letter.
  private func spread(from starts: [Int], at position: Int, of count: Int) -> [Int] {
    var seen = Set<Int>(), open = starts, places: [Int] = []
    while let place = open.popLast() {
      guard seen.insert(place).inserted else { continue }
      switch program[place] {
      case .split(let a, let b): open += [a, b]
      case .start: if position == 0 { open.append(place + 1) }
      case .end: if position == count { open.append(place + 1) }
      case .one, .match: places.append(place)
      }
    }
    return places
  }

  /// The longest name, in letters: no module's is.
  private static let longest = 1000
  /// The longest machine; counted repetitions multiply it.
  private static let limit = 2000

  private static func emit(_ tree: PatternTree, into program: inout [Step]) throws {
    guard program.count < limit else {
      throw Failure("a pattern has too many repetitions to be followed.", cure: "Write the names as a list.")
    }
    switch tree {
    case .letters(let set): program.append(.one(set))
    case .start: program.append(.start)
    case .end: program.append(.end)
    case .sequence(let parts): for part in parts { try emit(part, into: &program) }
    case .either(let choices):
      // split a, b; a; jump over b
      var jumps: [Int] = []
      for (i, choice) in choices.enumerated() {
        guard i + 1 < choices.count else { try emit(choice, into: &program); break }
        let fork = program.count
        program.append(.match)
        try emit(choice, into: &program)
        jumps.append(program.count)
        program.append(.match)
        program[fork] = .split(fork + 1, program.count)
      }
      for jump in jumps { program[jump] = .split(program.count, program.count) }
    case .repeated(let part, let least, let most):
      for _ in 0..<least { try emit(part, into: &program) }
      if let most {
        var forks: [Int] = []
        for _ in least..<max(least, most) {
          forks.append(program.count)
          program.append(.match)
          try emit(part, into: &program)
        }
        for fork in forks { program[fork] = .split(fork + 1, program.count) }
      } else {
        let fork = program.count
        program.append(.match)
        try emit(part, into: &program)
        program.append(.split(fork, fork))
        program[fork] = .split(fork + 1, program.count)
      }
    }
  }
}

/// A set of letters.
struct Letters: Sendable {
  var ranges: [ClosedRange<UInt32>]
  var isNot = false

  func contains(_ letter: Unicode.Scalar) -> Bool {
    ranges.contains { $0.contains(letter.value) } != isNot
  }

  static let any = Letters(ranges: [10...10], isNot: true)
  static func only(_ letter: Unicode.Scalar) -> Letters { Letters(ranges: [letter.value...letter.value]) }

  /// `\d`, `\w`, `\s` and their opposites, in ASCII.
  static func named(_ letter: Unicode.Scalar) -> Letters? {
    switch letter {
    case "d", "D": return Letters(ranges: [48...57], isNot: letter == "D")
    case "w", "W": return Letters(ranges: [48...57, 65...90, 95...95, 97...122], isNot: letter == "W")
    case "s", "S": return Letters(ranges: [9...13, 32...32], isNot: letter == "S")
    default: return nil
    }
  }
}

/// An expression as it was read.
indirect enum PatternTree: Sendable {
  case letters(Letters)
  case start, end
  case sequence([PatternTree])
  case either([PatternTree])
  case repeated(PatternTree, least: Int, most: Int?)
}
