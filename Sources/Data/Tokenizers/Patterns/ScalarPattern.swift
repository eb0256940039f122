import Options

/// A regular expression over scalars, as tokenizers' files hold them (Oniguruma's language), matched by trying.
///
/// `\s`, `\d`, `\w` and `\p{…}` follow Unicode; classes may lie in one another. Known: groups, choices, greedy,
/// lazy and possessive repetition, `(?i:…)`, `(?=…)`, `(?!…)`, `(?<=…)` and `(?<!…)` of one scalar, `^ $ \A \z \b`.
struct ScalarPattern: Sendable {
  /// A step of the machine.
  enum Step: Sendable {
    case one(ScalarTest)
    /// Takes as many as it can of a set, from the least to the most, and gives back one at a time.
    case run(ScalarTest, least: Int, most: Int, isPossessive: Bool)
    case split(Int, Int)
    case jump(Int)
    /// Looks on from here; the steps inside end in `match`.
    case look(end: Int, isThere: Bool)
    /// Looks at the scalar before.
    case behind(ScalarTest, isThere: Bool)
    case atomic(end: Int)
    case start, end, lineStart, lineEnd
    case boundary(isThere: Bool)
    case match
  }

  /// The expression's text.
  let text: String
  private let steps: [Step]

  /// Reads an expression; throws for what is not known, by name.
  init(_ text: String) throws {
    self.text = text
    var reader = ScalarPatternReader(text)
    steps = try reader.program()
  }

  /// The most steps of one attempt: more than any sane pattern needs.
  private static let limit = 20_000_000

  /// The first match that begins at `from` or later: its range, or nil.
  func first(
    in bytes: UnsafeBufferPointer<UInt8>, _ piece: Range<Int>, from: Int
  ) throws -> Range<Int>? {
    var i = from
    var budget = Self.limit
    while i <= piece.upperBound {
      if let end = try match(bytes, piece, at: i, from: 0, &budget) { return i..<end }
      guard i < piece.upperBound else { break }
      i += UTF8Walk.scalar(bytes, i, piece.upperBound).length
    }
    return nil
  }

  private struct Choice {
    var step: Int
    var at: Int
    /// For a run: the least place that it may give back to.
    var least: Int
  }

  /// Where a match that begins at `at` ends.
  private func match(
    _ bytes: UnsafeBufferPointer<UInt8>, _ piece: Range<Int>, at start: Int, from first: Int,
    _ budget: inout Int
  ) throws -> Int? {
    var step = first, at = start
    var open: [Choice] = []
    let end = piece.upperBound
    func back() -> Bool {
      guard let choice = open.popLast() else { return false }
      (step, at) = (choice.step, choice.at)
      if choice.least >= 0, at > choice.least {
        // What the run may give back next.
        let less = UTF8Walk.before(bytes, at, choice.least)
        open.append(Choice(step: step, at: less, least: choice.least))
      }
      return true
    }
    while true {
      budget -= 1
      guard budget > 0 else { throw tooLong }
      var holds = true
      switch steps[step] {
      case .match: return at
      case .one(let set):
        holds = false
        if at < end {
          let (value, length) = UTF8Walk.scalar(bytes, at, end)
          if set.contains(value) { (holds, at) = (true, at + length) }
        }
      case .run(let set, let least, let most, let isPossessive):
        var count = 0, floor = at
        while count < most, at < end {
          let (value, length) = UTF8Walk.scalar(bytes, at, end)
          guard set.contains(value) else { break }
          at += length
          count += 1
          if count == least { floor = at }
        }
        budget -= count / 8
        holds = count >= least
        if holds, !isPossessive, at > floor {
          open.append(Choice(step: step + 1, at: UTF8Walk.before(bytes, at, floor), least: floor))
        }
      case .split(let one, let other):
        open.append(Choice(step: other, at: at, least: -1))
        step = one
        continue
      case .jump(let to):
        step = to
        continue
      case .look(let past, let isThere):
        holds = (try match(bytes, piece, at: at, from: step + 1, &budget) != nil) == isThere
        if holds {
          step = past
          continue
        }
      case .atomic(let past):
        if let found = try match(bytes, piece, at: at, from: step + 1, &budget) {
          (step, at) = (past, found)
          continue
        }
        holds = false
      default: holds = isPlace(steps[step], bytes, piece, at)
      }
      if holds { step += 1 } else if !back() { return nil }
    }
  }

  /// Whether a step that takes nothing holds at a place.
  private func isPlace(
    _ step: Step, _ bytes: UnsafeBufferPointer<UInt8>, _ piece: Range<Int>, _ at: Int
  ) -> Bool {
    let (start, end) = (piece.lowerBound, piece.upperBound)
    func before() -> UInt32? {
      at > start ? UTF8Walk.scalar(bytes, UTF8Walk.before(bytes, at, start), at).value : nil
    }
    func after() -> UInt32? { at < end ? UTF8Walk.scalar(bytes, at, end).value : nil }
    switch step {
    case .start: return at == start
    case .end: return at == end
    case .lineStart: return at == start || before() == 10
    case .lineEnd: return at == end || after() == 10
    case .behind(let set, let isThere): return (before().map(set.contains) ?? false) == isThere
    case .boundary(let isThere):
      let word = ScalarSet.bareWord
      return ((before().map(word.contains) ?? false) != (after().map(word.contains) ?? false)) == isThere
    default: return false
    }
  }

  private var tooLong: Failure {
    Failure(
      "the pattern “\(text.prefix(60))” tries without end on this text.",
      cure: "A repetition inside a repetition does that: write the pattern without.")
  }
}
