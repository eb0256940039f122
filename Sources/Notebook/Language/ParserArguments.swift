import Options

extension Parser {
  /// A verb or maker, typed in the range, and its arguments up to the statement's end.
  mutating func command(_ verb: String, _ word: Range<Int>) throws(Failure) -> Syntax.Command {
    lexer.position = word.upperBound
    lexer.skipBlanks()
    if lexer.current == 0x3D {
      throw Failure(
        "“\(verb)” is a command: no “=” follows it.",
        cure: "Such as: \(verb) 3, or to name a value: let x = 3",
        place: lexer.position..<lexer.position + 1)
    }
    var arguments: [Syntax.Argument] = []
    while !atStatementEnd {
      arguments.append(try argument())
      lexer.skipBlanks()
    }
    let end = arguments.last?.range.upperBound ?? word.upperBound
    return .init(
      verb: .init(text: verb, range: word), arguments: arguments, range: word.lowerBound..<end)
  }

  /// `value`, `NAME=value` or `NAME: value`.
  private mutating func argument() throws(Failure) -> Syntax.Argument {
    let start = lexer.position
    let word = start..<lexer.wordEnd(from: start)
    guard let (name, valueStart) = try optionName(word) else {
      let value = try argumentValue(of: nil)
      return .init(name: nil, value: value, range: value.range)
    }
    lexer.position = valueStart
    lexer.skipBlanks()
    let value = try argumentValue(of: start..<valueStart)
    return .init(name: name, value: value, range: start..<value.range.upperBound)
  }

  /// The option's name in a word that `=` follows or that ends in a colon, and where its value may begin.
  private func optionName(_ word: Range<Int>) throws(Failure) -> (Syntax.Name, Int)? {
    guard !word.isEmpty else { return nil }
    var place = word, next = word.upperBound
    if lexer.byte(word.upperBound - 1) == 0x3A {
      place = word.lowerBound..<word.upperBound - 1
    } else {
      while case let length = lexer.blank(at: next), length > 0 { next += length }
      guard lexer.byte(next) == 0x3D else { return nil }
      next += 1
      if lexer.byte(next) == 0x3D {
        throw Failure(
          "a comparison as an argument stands in parentheses.", cure: "Such as: (x == 2)",
          place: next - 1..<next + 1)
      }
    }
    guard isOptionName(place) else {
      let bare = lexer.text(place).drop { $0 == "-" }
      throw Failure(
        "“\(lexer.text(place))” cannot be the name of an option.",
        cure: "Such as: \(bare.first?.isLetter == true ? bare : "r")=8. A text stands in quotes.", place: word
      )
    }
    return (.init(text: lexer.text(place), range: place), next)
  }

  /// An option's name begins with a letter; letters, digits, `_`, `-` and `.` follow.
  private func isOptionName(_ place: Range<Int>) -> Bool {
    var i = lexer.nameEnd(from: place.lowerBound)
    guard i > place.lowerBound else { return false }
    while i < place.upperBound {
      let length = lexer.letter(at: i, first: false)
      guard length > 0 || lexer.byte(i) == 0x2D || lexer.byte(i) == 0x2E else { return false }
      i += max(1, length)
    }
    return true
  }

  // MARK: Values

  /// One value, or several with commas between; `option` is what it belongs to, for the error.
  mutating func argumentValue(of option: Range<Int>?) throws(Failure) -> Syntax.ArgumentValue {
    let start = lexer.position
    var values = [try element(after: option)]
    while true {
      let end = lexer.position
      lexer.skipBlanks()
      guard lexer.current == 0x2C else {
        lexer.position = end
        break
      }
      let comma = lexer.position..<lexer.position + 1
      lexer.position += 1
      lexer.skipBlanks()
      values.append(try element(after: comma))
    }
    return values.count == 1 ? values[0] : list(values, start..<lexer.position)
  }

  /// A list: a literal where all its elements are.
  private func list(_ values: [Syntax.ArgumentValue], _ range: Range<Int>) -> Syntax.ArgumentValue {
    let literals = values.compactMap(\.literal)
    return .init(
      kind: literals.count == values.count ? .literal(.list(literals)) : .list(values), range: range)
  }

  /// One value without commas.
  private mutating func element(after place: Range<Int>?) throws(Failure) -> Syntax.ArgumentValue {
    let start = lexer.position
    let value: Syntax.ArgumentValue
    switch lexer.current {
    case 0x22:
      let text = try lexer.string(lines: brackets > 0)
      value = .init(kind: .literal(.text(text)), range: start..<lexer.position)
    case 0x28:
      let group = try indexed(try primary(after: place))
      value = .init(kind: .expression(group), range: group.range)
    case 0x5B: value = try bracketedList()
    default:
      let word = start..<lexer.wordEnd(from: start)
      guard !word.isEmpty else {
        if lexer.current == 0x3D, place == nil {
          throw Failure(
            "“=” cannot stand here.",
            cure: "An option is NAME=value. A text with “=” in it stands in quotes.",
            place: start..<start + 1)
        }
        throw missingValue(after: place)
      }
      value = try wordValue(word)
    }
    guard !Lexer.isWordByte(lexer.current) || lexer.blank(at: lexer.position) > 0, !opensValue(lexer.current)
    else {
      throw Failure(
        "a space is missing before this.",
        cure: "A space separates two values, a comma the elements of a list.",
        place: currentWord)
    }
    return value
  }

  /// A bare word; directly followed by `(` or `[` it is a call or a part of a tensor.
  private mutating func wordValue(_ word: Range<Int>) throws(Failure) -> Syntax.ArgumentValue {
    let next = lexer.byte(word.upperBound)
    let first = lexer.byte(word.lowerBound)
    if next == 0x28 || next == 0x5B || first == 0x40 || (first == 0x25 && Word.isResult(lexer, word)) {
      return try formula(word)
    }
    let value = try Word.value(lexer, word)
    lexer.position = word.upperBound
    return .init(kind: .literal(value), range: word)
  }

  /// `norm(x)`, `blocks.0.attn.q[0,:]`, `@m.base`, `%7`: what can stand as an argument without parentheses.
  private mutating func formula(_ word: Range<Int>) throws(Failure) -> Syntax.ArgumentValue {
    let first = lexer.byte(word.lowerBound)
    var end = word.lowerBound
    if first == 0x40 || first == 0x25 || lexer.letter(at: word.lowerBound, first: true) > 0
      || lexer.text(word).hasPrefix("*.")
    {
      if !Parser.reserved.contains(lexer.text(word)) {
        let formula = try indexed(try primary(after: nil))
        end = formula.range.upperBound
        if end >= word.upperBound { return .init(kind: .expression(formula), range: formula.range) }
      }
    }
    throw Failure(
      "a formula as an argument stands in parentheses.",
      cure: "Such as: (loss() - 1). A text stands in quotes.",
      place: word.lowerBound..<max(end, word.upperBound))
  }

  /// `[a, b]`
  private mutating func bracketedList() throws(Failure) -> Syntax.ArgumentValue {
    let open = lexer.position
    let values = try enclosed(0x5D) { (parser) throws(Failure) in try parser.element(after: nil) }
    return list(values, open..<lexer.position)
  }

  private func opensValue(_ b: UInt8) -> Bool { b == 0x22 || b == 0x28 || b == 0x5B }
}
