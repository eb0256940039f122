import Options

extension Parser {
  /// Something without operators: a number, text, result, model, path, call, list, or parentheses.
  mutating func primary(after place: Range<Int>?) throws(Failure) -> Expression {
    let start = lexer.position
    switch lexer.current {
    case 0x30...0x39, 0x2E: return try number()
    case 0x22:
      let text = try lexer.string(lines: brackets > 0)
      return .init(kind: .text(text), range: start..<lexer.position)
    case 0x25: return try result()
    case 0x40: return try model()
    case 0x28: return try group()
    case 0x5B:
      let elements = try enclosed(0x5D) { (parser) throws(Failure) in try parser.expression() }
      return .init(kind: .list(elements), range: start..<lexer.position)
    case 0x2A where lexer.byte(start + 1) == 0x2E: return try path()
    default:
      if lexer.letter(at: start, first: true) > 0 { return try named(after: place) }
      throw missingExpression(after: place)
    }
  }

  /// Parts taken of what was just read: `x[0,:]`, directly behind it.
  mutating func indexed(_ whole: Expression) throws(Failure) -> Expression {
    var whole = whole
    while lexer.current == 0x5B {
      let open = lexer.position
      try countOperator(at: open..<open + 1)
      let indices = try enclosed(0x5D) { (parser) throws(Failure) in try parser.oneIndex() }
      guard !indices.isEmpty else {
        throw Failure("an index is missing.", cure: "Such as: [0,:] or [2:5]", place: open..<lexer.position)
      }
      whole = .init(kind: .index(whole, indices), range: whole.range.lowerBound..<lexer.position)
    }
    return whole
  }

  private mutating func number() throws(Failure) -> Expression {
    let start = lexer.position
    guard let (end, _) = lexer.numberEnd(from: start) else { throw unexpected("here") }
    if lexer.letter(at: end, first: true) > 0 {
      let word = start..<lexer.nameEnd(from: end)
      throw Failure(
        "“\(lexer.text(word))” is neither a number nor a name.",
        cure: "A product needs its sign: \(lexer.text(start..<end)) * \(lexer.text(end..<word.upperBound))",
        place: word)
    }
    lexer.position = end
    return .init(kind: .number(try lexer.number(in: start..<end)), range: start..<end)
  }

  /// `(expr)`
  private mutating func group() throws(Failure) -> Expression {
    let open = lexer.position
    try deepen(at: open..<open + 1)
    lexer.position += 1
    brackets += 1
    skipBlanks()
    if lexer.atEnd { throw unclosed(open) }
    let inner = try expression(after: open..<open + 1)
    skipBlanks()
    if lexer.atEnd { throw unclosed(open) }
    guard lexer.current == 0x29 else { throw unexpected(in: open) }
    lexer.position += 1
    brackets -= 1
    depth -= 1
    return .init(kind: .group(inner), range: open..<lexer.position)
  }

  // MARK: Names

  /// A word that begins with a letter: yes or no, a call, or a path.
  private mutating func named(after place: Range<Int>?) throws(Failure) -> Expression {
    let start = lexer.position
    let word = start..<lexer.nameEnd(from: start)
    let text = lexer.text(word)
    let next = lexer.byte(word.upperBound)
    if next != 0x2E, next != 0x28 {
      switch text {
      case "yes", "true", "no", "false":
        lexer.position = word.upperBound
        return .init(kind: .flag(text == "yes" || text == "true"), range: word)
      case "and", "or", "not": throw missingExpression(after: place ?? word)
      default: break
      }
    }
    var ahead = lexer
    ahead.position = word.upperBound
    ahead.skipBlanks()
    guard ahead.current == 0x28 else { return try path() }
    lexer.position = ahead.position
    let arguments = try enclosed(0x29) { (parser) throws(Failure) in try parser.expression() }
    return .init(kind: .call(.init(text: text, range: word), arguments), range: start..<lexer.position)
  }

  /// `x`, `blocks.*.attn.q`, `*.attn.q`
  private mutating func path() throws(Failure) -> Expression {
    let start = lexer.position
    let segments = try segments()
    return .init(kind: .path(segments), range: start..<lexer.position)
  }

  /// `@m`, `@m.blocks.0`
  private mutating func model() throws(Failure) -> Expression {
    let start = lexer.position
    let name = start + 1..<lexer.nameEnd(from: start + 1)
    guard !name.isEmpty else {
      throw Failure(
        "a model's name is missing after “@”.",
        cure: "Such as: @m or @m.base; a text with @ stands in quotes.",
        place: start..<start + 1)
    }
    lexer.position = name.upperBound
    var path: [Syntax.Segment] = []
    if lexer.current == 0x2E {
      lexer.position += 1
      path = try segments()
    }
    return .init(kind: .model(lexer.text(name), path), range: start..<lexer.position)
  }

  private mutating func segments() throws(Failure) -> [Syntax.Segment] {
    var found: [Syntax.Segment] = []
    while true {
      let start = lexer.position
      if lexer.current == 0x2A {
        lexer.position += 1
        found.append(.any)
      } else {
        var end = start
        while case let length = lexer.letter(at: end, first: false), length > 0 { end += length }
        guard end > start else {
          let dot = max(0, start - 1)..<start
          throw Failure(
            "a path ends with a point.", cure: "A name, a number or * follows the point.", place: dot)
        }
        let digits = lexer.digitsEnd(from: start) == end
        found.append(
          digits ? .index(try lexer.integer(in: start..<end) ?? 0) : .name(lexer.text(start..<end)))
        lexer.position = end
      }
      guard lexer.current == 0x2E else { return found }
      lexer.position += 1
    }
  }

  /// `%`, `%%`, `%7`
  private mutating func result() throws(Failure) -> Expression {
    let start = lexer.position
    while lexer.current == 0x25 { lexer.position += 1 }
    let marks = lexer.position - start
    let digits = lexer.position..<lexer.digitsEnd(from: lexer.position)
    guard marks == 1, !digits.isEmpty else {
      return .init(kind: .result(.back(marks)), range: start..<lexer.position)
    }
    let entry = try lexer.integer(in: digits) ?? 0
    lexer.position = digits.upperBound
    return .init(kind: .result(.entry(entry)), range: start..<lexer.position)
  }

  // MARK: Indices

  /// `3`, `:`, `2:5`, `2..5`
  private mutating func oneIndex() throws(Failure) -> Syntax.Index {
    let start = lexer.position
    let from = try indexNumber()
    skipBlanks()
    if lexer.current == 0x3A {
      lexer.position += 1
      skipBlanks()
      return .slice(from: from, to: try indexNumber())
    }
    guard let from else { throw unexpected("as an index", cure: "Such as: [0,:] or [2:5]") }
    guard lexer.current == 0x2E, lexer.byte(lexer.position + 1) == 0x2E else { return .at(from) }
    lexer.position += 2
    skipBlanks()
    guard let to = try indexNumber() else {
      throw Failure("a range ends with a number.", cure: "Such as: 2..5", place: start..<lexer.position)
    }
    return .span(from, to)
  }

  private mutating func indexNumber() throws(Failure) -> Int? {
    let start = lexer.position
    let signed = lexer.current == 0x2D || lexer.current == 0x2B
    let end = lexer.digitsEnd(from: signed ? start + 1 : start)
    guard let n = try lexer.integer(in: start..<max(start, end)) else { return nil }
    lexer.position = end
    return n
  }
}
