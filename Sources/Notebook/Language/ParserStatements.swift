import Options

extension Parser {
  /// One statement: help, `let`, a block, a command or an expression.
  mutating func statement() throws(Failure) -> Syntax.Statement.Kind {
    if lexer.current == 0x3F { return help() }
    let word = lexer.position..<lexer.wordEnd(from: lexer.position)
    guard !word.isEmpty else { return .expression(try statementExpression(word)) }
    if let topic = postfixHelp(word) { return topic }
    let text = lexer.text(word)
    switch text {
    case "let": return try binding(word)
    case "repeat": return try repetition(word)
    case "sweep": return try sweep(word)
    case "until": return try until(word)
    default: break
    }
    if let failure = gluedCommand(word) { throw failure }
    guard lexer.byte(word.upperBound) != 0x28 else { return .expression(try statementExpression(word)) }
    switch words.meaning(of: text) {
    case .command(let verb):
      if verb != text, let failure = assignment(word) { throw failure }
      return .command(try command(verb, word))
    case .ambiguous(let verbs):
      if let failure = assignment(word) { throw failure }
      throw Failure(
        "“\(text)” could be \(verbs.count) commands.", cure: "Type one letter more, or the whole word.",
        details: wrapped(verbs, prefix: "there are: "), place: word)
    case .other: return .expression(try statementExpression(word))
    }
  }

  // MARK: Help

  /// `?topic` or `??topic`, up to the statement's end. Nothing in a topic is special, and it ends on its
  /// line.
  private mutating func help() -> Syntax.Statement.Kind {
    var marks = 0, last = lexer.position
    while case let length = lexer.space(at: lexer.position), lexer.current == 0x3F || length > 0 {
      if length == 0 { (marks, last) = (marks + 1, lexer.position + 1) }
      lexer.position += max(1, length)
    }
    let start = lexer.position
    while !atStatementEnd {
      let length = lexer.space(at: lexer.position)
      lexer.position += max(1, length)
      if length == 0 { last = lexer.position }
    }
    lexer.position = last
    return .help(topic: lexer.text(min(start, last)..<last), deep: marks > 1)
  }

  /// `topic?`: one word, alone in its statement, with question marks at its end.
  private mutating func postfixHelp(_ word: Range<Int>) -> Syntax.Statement.Kind? {
    var last = word.upperBound
    while lexer.byte(last - 1) == 0x3F { last -= 1 }  // ends: the first byte is no question mark
    guard last < word.upperBound else { return nil }
    lexer.position = word.upperBound
    lexer.skipBlanks()
    guard atStatementEnd else {
      lexer.position = word.lowerBound
      return nil
    }
    lexer.position = word.upperBound
    return .help(topic: lexer.text(word.lowerBound..<last), deep: word.upperBound - last > 1)
  }

  // MARK: let

  private mutating func binding(_ keyword: Range<Int>) throws(Failure) -> Syntax.Statement.Kind {
    lexer.position = keyword.upperBound
    let name = try boundName(after: keyword, "let m = gpt layers=2")
    let sign = try equals(after: name.range, "let \(name.text) = 3")
    let word = lexer.position..<lexer.wordEnd(from: lexer.position)
    if lexer.byte(word.upperBound) != 0x28, !word.isEmpty {
      let text = lexer.text(word)
      if words.makers.contains(text) { return .binding(name, .made(try command(text, word))) }
    }
    if let failure = gluedCommand(word, maker: true) { throw failure }
    return .binding(name, .value(try statementExpression(word, boundBy: sign)))
  }

  /// A name that is about to be bound.
  private mutating func boundName(after keyword: Range<Int>, _ example: String) throws(Failure) -> Syntax.Name
  {
    lexer.skipBlanks()
    let place = lexer.position..<lexer.nameEnd(from: lexer.position)
    guard !place.isEmpty else {
      let wrong =
        atStatementEnd
        ? keyword : lexer.position..<max(lexer.position + 1, lexer.wordEnd(from: lexer.position))
      throw Failure(
        "a name is missing after “\(lexer.text(keyword))”.", cure: "A name begins with a letter: \(example)",
        place: wrong)
    }
    let text = lexer.text(place)
    guard !Parser.reserved.contains(text) else {
      throw Failure(
        "“\(text)” cannot be a name: it has a meaning already.", cure: "Take another name.", place: place)
    }
    lexer.position = place.upperBound
    return .init(text: text, range: place)
  }

  /// Words with a meaning in expressions or at a statement's beginning.
  static let reserved: Set<String> = [
    "not", "and", "or", "yes", "no", "true", "false", "let", "repeat", "sweep", "until",
  ]

  /// Reads `=` and gives its place.
  @discardableResult
  private mutating func equals(after place: Range<Int>, _ example: String) throws(Failure) -> Range<Int> {
    lexer.skipBlanks()
    guard lexer.current == 0x3D else {
      throw Failure(
        "a “=” is missing after “\(lexer.text(place))”.", cure: "Such as: \(example)", place: place)
    }
    let sign = lexer.position..<lexer.position + 1
    lexer.position += 1
    lexer.skipBlanks()
    return sign
  }

  // MARK: Blocks

  private mutating func repetition(_ keyword: Range<Int>) throws(Failure) -> Syntax.Statement.Kind {
    lexer.position = keyword.upperBound
    lexer.skipBlanks()
    let count = try wholeNumber(after: keyword, "repeat 3 { step }")
    return .repetition(count: count, try block(keyword, "repeat \(count) { step }"))
  }

  private mutating func sweep(_ keyword: Range<Int>) throws(Failure) -> Syntax.Statement.Kind {
    lexer.position = keyword.upperBound
    let name = try boundName(after: keyword, "sweep r = 1,2,4 { step 10 }")
    let sign = try equals(after: name.range, "sweep \(name.text) = 1,2,4 { step 10 }")
    let values = try argumentValue(of: sign)
    return .sweep(name, over: values, try block(keyword, "sweep \(name.text) = \(values) { step 10 }"))
  }

  private mutating func until(_ keyword: Range<Int>) throws(Failure) -> Syntax.Statement.Kind {
    lexer.position = keyword.upperBound
    lexer.skipBlanks()
    let condition = try expression(after: keyword)
    lexer.skipBlanks()
    let word = lexer.position..<lexer.nameEnd(from: lexer.position)
    var most: Int?
    if !word.isEmpty {
      guard lexer.text(word) == "max" else {
        throw unexpected("after the condition", cure: "An operator, max=600 or a block in braces.")
      }
      lexer.position = word.upperBound
      try equals(after: word, "until loss() < 0.1 max=600 { step }")
      most = try wholeNumber(after: word, "until loss() < 0.1 max=600 { step }")
    }
    return .until(condition, max: most, try block(keyword, "until loss() < 0.1 max=600 { step }"))
  }

  /// A whole number from 0.
  private mutating func wholeNumber(after place: Range<Int>, _ example: String) throws(Failure) -> Int {
    let word = lexer.position..<lexer.wordEnd(from: lexer.position)
    guard let count = try lexer.integer(in: word), count >= 0 else {
      throw Failure(
        "“\(lexer.text(place))” needs a whole number from 0.", cure: "Such as: \(example)",
        place: word.isEmpty ? place : word)
    }
    lexer.position = word.upperBound
    return count
  }

  /// `{ cell }`
  private mutating func block(_ keyword: Range<Int>, _ example: String) throws(Failure) -> Syntax.Cell {
    lexer.skipBlanks()
    let open = lexer.position
    guard lexer.current == 0x7B else {
      throw Failure(
        "“\(lexer.text(keyword))” needs a block in braces.", cure: "Such as: \(example)",
        place: atStatementEnd ? keyword : currentWord)
    }
    try deepen(at: open..<open + 1)
    lexer.position += 1
    let outer = (brackets, operators)
    brackets = 0
    let cell = try cell(open: open)
    (brackets, operators) = outer
    depth -= 1
    return cell
  }
}
