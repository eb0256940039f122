import Options

extension Parser {
  typealias Expression = Syntax.Expression

  /// An expression as a statement (or as the value behind the `=` of a `let`) whose first bare word stands
  /// in the range. Where it cannot be one and begins like a command, the error is about the command.
  mutating func statementExpression(
    _ word: Range<Int>, boundBy sign: Range<Int>? = nil
  ) throws(Failure) -> Expression {
    let maker = sign != nil
    if !maker, isCommandLike(word), let failure = assignment(word) { throw failure }
    let suspect = isCommandLike(word) && !words.names.contains(lexer.text(word))
    if suspect, followsAnotherWord(word) { throw unknownFirst(word, maker: maker) }
    do throws(Failure) {
      let expression = try expression(after: sign)
      lexer.skipBlanks()
      if atStatementEnd { return expression }
      throw unexpected("after the expression")
    } catch {
      guard suspect, lexer.blank(at: word.upperBound) > 0,
        words.suggestion(for: lexer.text(word), among: maker ? words.makers : words.verbs) != nil
      else { throw error }
      throw unknownFirst(word, maker: maker)
    }
  }

  /// Whether the word could be meant as a verb: letters, digits and hyphens.
  private func isCommandLike(_ word: Range<Int>) -> Bool {
    var i = lexer.nameEnd(from: word.lowerBound)
    guard i > word.lowerBound else { return false }
    while i < word.upperBound, case let length = lexer.letter(at: i, first: false),
      length > 0 || lexer.byte(i) == 0x2D
    {
      i += max(1, length)
    }
    return i == word.upperBound && !Parser.reserved.contains(lexer.text(word))
  }

  /// The error for a command with an operator directly behind it: `step-11`. Read as an expression it would
  /// be another thing than `step - 11`, which is a command.
  func gluedCommand(_ word: Range<Int>, maker: Bool = false) -> Failure? {
    let end = lexer.nameEnd(from: word.lowerBound)
    guard end > word.lowerBound, end < word.upperBound, lexer.byte(end) != 0x2E else { return nil }
    let name = lexer.text(word.lowerBound..<end)
    let begins = words.meaning(of: name) != .other || Vocabulary.keywords.contains(name)
    guard maker ? words.makers.contains(name) : begins else { return nil }
    let rest = lexer.text(end..<word.upperBound)
    return Failure(
      "“\(name)” begins a command: a blank follows it.",
      cure: "Type: \(name) \(rest), or in parentheses: (\(name)\(rest))",
      place: word.lowerBound..<end)
  }

  /// Whether something follows the first word that is neither an operator nor the statement's end.
  private func followsAnotherWord(_ word: Range<Int>) -> Bool {
    var ahead = self
    ahead.lexer.position = word.upperBound
    ahead.lexer.skipBlanks()
    if ahead.atStatementEnd || ahead.peekOperator() != nil { return false }
    switch ahead.lexer.current {
    case 0x28, 0x5B, 0x29, 0x5D, 0x2C, 0x7B, 0x3D: return false
    case 0x25, 0x26, 0x7C: return false  // % & |: meant as operators
    case let b:
      return b == 0x22 || b == 0x40 || b == 0x2E
        || ahead.lexer.letter(at: ahead.lexer.position, first: false) > 0
    }
  }

  // MARK: Operators

  /// An expression whose operators bind at least as tightly as `least`.
  mutating func expression(_ least: Int = 0, after place: Range<Int>? = nil) throws(Failure) -> Expression {
    var left = try operand(after: place)
    while let (sign, length) = peekOperator(), sign.precedence >= least {
      skipBlanks()
      let at = lexer.position..<lexer.position + length
      try countOperator(at: at)
      if sign.compares, case .binary(let first, _, _) = left.kind, first.compares {
        throw Failure("comparisons do not chain.", cure: "Such as: a < b and b < c", place: at)
      }
      lexer.position = at.upperBound
      skipBlanks()
      let right: Expression
      if sign == .power {
        try deepen(at: at)  // binds to the right, so it nests
        right = try expression(sign.precedence, after: at)
        depth -= 1
      } else {
        right = try expression(sign.precedence + 1, after: at)
      }
      left = .init(
        kind: .binary(sign, left, right), range: left.range.lowerBound..<right.range.upperBound)
    }
    return left
  }

  /// The operator that comes next, and its length in bytes.
  func peekOperator() -> (Syntax.BinaryOperator, Int)? {
    var ahead = lexer
    ahead.skipBlanks(lines: brackets > 0)
    let i = ahead.position
    let equals = ahead.byte(i + 1) == 0x3D
    switch ahead.current {
    case 0x2B: return (.plus, 1)
    case 0x2D: return (.minus, 1)
    case 0x2A: return ahead.byte(i + 1) == 0x2A ? nil : (.times, 1)
    case 0x2F: return (.over, 1)
    case 0x5E: return (.power, 1)
    case 0x3C: return equals ? (.atMost, 2) : (.less, 1)
    case 0x3E: return equals ? (.atLeast, 2) : (.greater, 1)
    case 0x3D: return equals ? (.equal, 2) : nil
    case 0x21: return equals ? (.unequal, 2) : nil
    case 0x61 where ahead.byte(i + 1) == 0x6E && ahead.byte(i + 2) == 0x64 && ahead.nameEnd(from: i) == i + 3:
      return (.and, 3)
    case 0x6F where ahead.byte(i + 1) == 0x72 && ahead.nameEnd(from: i) == i + 2: return (.or, 2)
    default: return nil
    }
  }

  /// A sign or `not` with its operand, or something without operators.
  mutating func operand(after place: Range<Int>? = nil) throws(Failure) -> Expression {
    skipBlanks()
    let start = lexer.position
    let sign: Syntax.UnaryOperator, length: Int, precedence: Int
    switch lexer.current {
    case 0x2D: (sign, length, precedence) = (.minus, 1, 7)
    case 0x2B: (sign, length, precedence) = (.plus, 1, 7)
    case 0x6E
    where lexer.byte(start + 1) == 0x6F && lexer.byte(start + 2) == 0x74
      && lexer.nameEnd(from: start) == start + 3:
      (sign, length, precedence) = (.not, 3, 3)
    default: return try indexed(try primary(after: place))
    }
    let at = start..<start + length
    try deepen(at: at)
    lexer.position = at.upperBound
    skipBlanks()
    let operand = try expression(precedence, after: at)
    depth -= 1
    return .init(kind: .unary(sign, operand), range: start..<operand.range.upperBound)
  }
}
