import Options

/// What was typed, as a tree: cells of statements, commands with arguments, expressions.
///
/// Every node carries its `range`: offsets into the UTF-8 of the parsed text, for the caret under an error.
/// The grammar, in short (a trailing `\` or an open `(` `[` `{` continues a line):
///
///     cell      = line { NEWLINE line }
///     line      = [ statement { ";" statement } [ ";" ] ] [ "#" comment ]      the last ";" silences
///     statement = "let" NAME "=" ( maker | expr ) | "repeat" INT "{" cell "}"
///               | "sweep" NAME "=" list "{" cell "}" | "until" expr [ "max" "=" INT ] "{" cell "}"
///               | VERB { value | NAME "=" value | NAME ":" value } | "?" topic | topic "?" | expr
public enum Syntax {}

extension Syntax {
  /// Statements that are run one after the other: what is entered at once, or stands between braces.
  public struct Cell: Equatable, Sendable {
    /// The statements in order; empty for a cell of blanks and comments.
    public var statements: [Statement]
    /// Where the cell stands; for a block, what is between the braces.
    public var range: Range<Int>
  }

  /// One thing to do.
  public struct Statement: Equatable, Sendable {
    /// What is to be done.
    public var kind: Kind
    /// Whether a `;` at the line's end silences it.
    public var silent: Bool
    /// Where the statement stands, without the `;`.
    public var range: Range<Int>

    /// The sorts of statement.
    public enum Kind: Equatable, Sendable {
      /// `let NAME = …`
      case binding(Name, Bound)
      /// `repeat 3 { … }`
      case repetition(count: Int, Cell)
      /// `sweep r = 1,2,4 { … }`
      case sweep(Name, over: ArgumentValue, Cell)
      /// `until loss() < 0.05 max=600 { … }`
      case until(Expression, max: Int?, Cell)
      /// `attach lora r=8`
      case command(Command)
      /// `norm(blocks.0.attn.q) / 2`
      case expression(Expression)
      /// `?topic`, or `??topic` for more.
      case help(topic: String, deep: Bool)
    }
  }

  /// What a `let` binds a name to.
  public enum Bound: Equatable, Sendable {
    /// What a maker makes: `gpt layers=2`.
    case made(Command)
    /// The value of an expression.
    case value(Expression)
  }

  /// A name with its place.
  public struct Name: Equatable, Sendable {
    /// The name.
    public var text: String
    /// Where it stands.
    public var range: Range<Int>
  }

  /// A verb (or a maker) and what follows it.
  public struct Command: Equatable, Sendable {
    /// The verb in full, even where a prefix was typed; its range is that of what was typed.
    public var verb: Name
    /// Positional and named arguments in the order typed.
    public var arguments: [Argument]
    /// Where the command stands.
    public var range: Range<Int>

    /// The values without a name, in order.
    public var positional: [ArgumentValue] { arguments.filter { $0.name == nil }.map(\.value) }
    /// The arguments with a name, in order.
    public var named: [Argument] { arguments.filter { $0.name != nil } }

    /// Puts a number in the place of the first one after the verb, or there, where there is none.
    mutating func setFirstNumber(_ n: Int) {
      let value = ArgumentValue(kind: .literal(.integer(n)), range: verb.range)
      if let i = arguments.firstIndex(where: { $0.name == nil && $0.value.literal?.asInteger != nil }) {
        arguments[i].value = value
      } else {
        arguments.insert(Argument(name: nil, value: value, range: verb.range), at: 0)
      }
    }
  }
}
