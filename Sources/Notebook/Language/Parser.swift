import Options

/// Turns a text into a tree by recursive descent, one function a rule of the grammar.
///
/// It takes linear time and never traps: nesting and the number of operators are limited, and what cannot be
/// read is a `Failure` with its place.
public struct Parser {
  /// How deep brackets, blocks and signs may be nested.
  public static let deepest = 100
  /// How many operators a statement may have.
  public static let mostOperators = 500

  var lexer: Lexer
  let words: Vocabulary
  /// How many brackets, blocks and signs are open.
  var depth = 0
  /// How many `(` and `[` are open since the innermost `{`: where there are any, a line end is a blank.
  var brackets = 0
  /// How many operators the statement has so far.
  var operators = 0

  init(_ text: String, _ words: Vocabulary) {
    lexer = Lexer(text)
    self.words = words
  }

  /// Parses a cell.
  ///
  /// `verbs` are the commands, `names` what `let` has bound, `makers` the words that make something; with
  /// `prefixes` a unique prefix stands for a verb, unless it is a bound name. Throws a `Failure` with place
  /// and cure.
  public static func parse(
    _ text: String, verbs: [String], names: Set<String> = [], makers: [String] = [], prefixes: Bool = true
  ) throws(Failure) -> Syntax.Cell {
    try parse(text, Vocabulary(verbs: verbs, names: names, makers: makers, prefixes: prefixes))
  }

  /// Parses a cell with the words of a vocabulary.
  public static func parse(_ text: String, _ words: Vocabulary) throws(Failure) -> Syntax.Cell {
    var parser = Parser(text, words)
    return try parser.cell(open: nil)
  }

  /// Parses a text that is one expression and nothing else: a check, a watch.
  public static func expression(_ text: String) throws(Failure) -> Syntax.Expression {
    var parser = Parser(text, Vocabulary(verbs: []))
    parser.brackets = 1  // a lone expression may run over lines
    let expression = try parser.expression()
    parser.skipBlanks()
    guard parser.lexer.atEnd else { throw parser.unexpected("after the expression") }
    return expression
  }

  // MARK: Cells

  /// Statements up to the end of the text, or past the `}` that closes the block opened at `open`.
  mutating func cell(open: Int?) throws(Failure) -> Syntax.Cell {
    let start = lexer.position
    var statements: [Syntax.Statement] = []
    while true {
      lexer.skipBlanks(lines: true)
      if lexer.atEnd {
        if let open { throw unclosed(open) }
        return .init(statements: statements, range: start..<lexer.end)
      }
      if lexer.current == 0x7D, open != nil {
        lexer.position += 1
        return .init(statements: statements, range: start..<lexer.position - 1)
      }
      statements.append(try statementWithEnd())
    }
  }

  /// A statement and what separates it from the next: `;`, a line end, the block's end.
  private mutating func statementWithEnd() throws(Failure) -> Syntax.Statement {
    operators = 0
    let start = lexer.position
    let kind = try statement()
    var statement = Syntax.Statement(kind: kind, silent: false, range: start..<end(of: kind))
    lexer.skipBlanks()
    if lexer.current == 0x3B {
      lexer.position += 1
      lexer.skipBlanks()
      statement.silent = atLineEnd
    } else if !atLineEnd {
      throw unexpected("after the statement")
    }
    return statement
  }

  /// Where the statement that was just read ends, without the blanks that were looked over.
  private func end(of kind: Syntax.Statement.Kind) -> Int {
    switch kind {
    case .binding(_, .made(let command)), .command(let command): return command.range.upperBound
    case .binding(_, .value(let value)), .expression(let value): return value.range.upperBound
    case .repetition, .sweep, .until, .help: return lexer.position
    }
  }

  /// Whether the line, or the block on it, ends here.
  var atLineEnd: Bool {
    switch lexer.current {
    case 0x0A, 0x23, 0x7D: return true
    default: return lexer.atEnd
    }
  }

  /// Whether the statement ends here.
  var atStatementEnd: Bool { lexer.current == 0x3B || atLineEnd }

  /// Goes over blanks, and within brackets over line ends and comments.
  mutating func skipBlanks() { lexer.skipBlanks(lines: brackets > 0) }

  /// Counts one level of nesting; the caller takes it back.
  mutating func deepen(at place: Range<Int>) throws(Failure) {
    depth += 1
    if depth > Parser.deepest {
      throw Failure(
        "this is nested more than \(Parser.deepest) deep.", cure: "Name a part of it with let.", place: place)
    }
  }

  /// Counts an operator.
  mutating func countOperator(at place: Range<Int>) throws(Failure) {
    operators += 1
    if operators > Parser.mostOperators {
      throw Failure(
        "a statement can have \(Parser.mostOperators) operators, not more.",
        cure: "Name a part of it with let.",
        place: place)
    }
  }

  /// Things with commas between, from the bracket at the position past the closing one.
  mutating func enclosed<Part>(
    _ closing: UInt8, _ part: (inout Parser) throws(Failure) -> Part
  ) throws(Failure) -> [Part] {
    let open = lexer.position
    try deepen(at: open..<open + 1)
    lexer.position += 1
    brackets += 1
    var parts: [Part] = []
    skipBlanks()
    while lexer.current != closing {
      if lexer.atEnd { throw unclosed(open) }
      parts.append(try part(&self))
      skipBlanks()
      if lexer.atEnd { throw unclosed(open) }
      if lexer.current == closing { break }
      guard lexer.current == 0x2C else { throw unexpected(in: open) }
      let comma = lexer.position
      lexer.position += 1
      skipBlanks()
      if lexer.current == closing {
        throw Failure(
          "a value is missing after the comma.", cure: "Leave the comma out.", place: comma..<comma + 1)
      }
    }
    lexer.position += 1
    brackets -= 1
    depth -= 1
    return parts
  }
}
