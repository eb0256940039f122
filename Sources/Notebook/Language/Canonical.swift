import Options

// The canonical text of every node: full verbs, `name=value`, one space. Parsing it gives the same tree,
// ranges apart, as long as the same verbs and names are known.

extension Syntax.Cell: CustomStringConvertible {
  /// The statements on one line where possible; a silenced statement ends its line.
  public var description: String {
    var text = ""
    for (i, statement) in statements.enumerated() {
      text += statement.description
      if i < statements.count - 1 { text += statement.silent ? "\n" : "; " }
    }
    return text
  }
}

extension Syntax.Statement: CustomStringConvertible {
  /// The canonical text, with a `;` where the statement is silenced.
  public var description: String { canonical + (silent ? ";" : "") }

  /// The canonical text without the `;`: what the tape stores.
  public var canonical: String {
    switch kind {
    case .binding(let name, .made(let command)): return "let \(name.text) = \(command)"
    case .binding(let name, .value(let value)): return "let \(name.text) = \(value)"
    case .repetition(let count, let cell): return "repeat \(count) \(block(cell))"
    case .sweep(let name, let values, let cell): return "sweep \(name.text) = \(values) \(block(cell))"
    case .until(let condition, let max, let cell):
      return "until \(condition) " + (max.map { "max=\($0) " } ?? "") + block(cell)
    case .command(let command): return command.description
    case .expression(let expression): return expression.description
    case .help(let topic, let deep): return (deep ? "??" : "?") + topic
    }
  }

  private func block(_ cell: Syntax.Cell) -> String {
    cell.statements.isEmpty ? "{ }" : "{ \(cell) }"
  }
}

extension Syntax.Command: CustomStringConvertible {
  /// The verb in full and its arguments.
  public var description: String { ([verb.text] + arguments.map(\.description)).joined(separator: " ") }
}

extension Syntax.Argument: CustomStringConvertible {
  /// `value`, or `name=value`.
  public var description: String { (name.map { $0.text + "=" } ?? "") + value.description }
}

extension Syntax.ArgumentValue: CustomStringConvertible {
  /// The value as it can be typed; a list without brackets where it has two elements or more.
  public var description: String {
    switch kind {
    case .literal(let value): return Syntax.spelling(of: value)
    case .expression(let expression): return expression.description
    case .list(let values): return values.count < 2 ? nested : values.map(\.nested).joined(separator: ",")
    }
  }

  private var nested: String {
    switch kind {
    case .literal(let value): return Syntax.element(value)
    case .expression(let expression): return expression.description
    case .list(let values): return "[" + values.map(\.nested).joined(separator: ",") + "]"
    }
  }
}

extension Syntax {
  /// A value so that it reads back as the same value: text that looks like a number is quoted, `1.0` keeps
  /// its point.
  public static func spelling(of value: OptionValue) -> String {
    switch value {
    case .integer, .flag, .range: return value.description
    case .number(let x): return "\(x)"
    case .text(let text): return Word.isPlain(text) ? text : quoted(text)
    case .list(let values):
      return values.count < 2 ? element(value) : values.map(element).joined(separator: ",")
    }
  }

  /// A value as an element of a list: a list within a list has brackets.
  fileprivate static func element(_ value: OptionValue) -> String {
    guard case .list(let values) = value else { return spelling(of: value) }
    return "[" + values.map(element).joined(separator: ",") + "]"
  }

  /// The text in double quotes; control characters as `\u{…}`.
  static func quoted(_ text: String) -> String {
    var out = "\""
    for c in text.unicodeScalars {
      switch c {
      case "\n": out += "\\n"
      case "\t": out += "\\t"
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case _ where c.value < 0x20 || c.value == 0x7F: out += "\\u{\(String(c.value, radix: 16))}"
      default: out.unicodeScalars.append(c)
      }
    }
    return out + "\""
  }
}
