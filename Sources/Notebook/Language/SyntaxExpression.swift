extension Syntax {
  /// A pure formula: it changes nothing, so completion, watches and checks may evaluate it too.
  public struct Expression: Equatable, Sendable {
    /// What the formula is.
    public var kind: Kind
    /// Where it stands.
    public var range: Range<Int>

    /// The sorts of expression.
    public indirect enum Kind: Equatable, Sendable {
      case number(Double)
      case text(String)
      case flag(Bool)
      /// A bound name, or a place in the model: `x`, `blocks.*.attn.q`.
      case path([Segment])
      /// An earlier result: `%`, `%7`.
      case result(ResultReference)
      /// A model and a path in it: `@m`, `@m.blocks.0.attn.q`.
      case model(String, [Segment])
      case call(Name, [Expression])
      /// A part of a tensor: `x[0,:]`.
      case index(Expression, [Index])
      case unary(UnaryOperator, Expression)
      case binary(BinaryOperator, Expression, Expression)
      case list([Expression])
      /// Parentheses, kept so that an expression prints as it was typed.
      case group(Expression)
    }
  }

  /// One step of a path.
  public enum Segment: Equatable, Sendable {
    case name(String)
    case index(Int)
    /// `*`: every one.
    case any
  }

  /// Which earlier result is meant.
  public enum ResultReference: Equatable, Sendable {
    /// So many results ago: `%` is 1, `%%` is 2.
    case back(Int)
    /// The result of that number: `%7`.
    case entry(Int)
  }

  /// What is taken of one axis. Negative numbers count from the end.
  public enum Index: Equatable, Sendable {
    /// `3`
    case at(Int)
    /// `2:5`, `:5`, `2:`, `:`; the upper end is not included.
    case slice(from: Int?, to: Int?)
    /// `2..5`; both ends are included.
    case span(Int, Int)
  }

  /// An operator before its operand.
  public enum UnaryOperator: String, Sendable {
    case minus = "-"
    case plus = "+"
    case not = "not"
  }

  /// An operator between two operands.
  public enum BinaryOperator: String, Sendable, CaseIterable {
    case or, and
    case equal = "=="
    case unequal = "!="
    case less = "<"
    case atMost = "<="
    case greater = ">"
    case atLeast = ">="
    case plus = "+"
    case minus = "-"
    case times = "*"
    case over = "/"
    case power = "^"

    /// How tightly it binds: `or` 1, `and` 2, (`not` 3), comparisons 4, sums 5, products 6, (sign 7), powers
    /// 8.
    var precedence: Int {
      switch self {
      case .or: return 1
      case .and: return 2
      case .equal, .unequal, .less, .atMost, .greater, .atLeast: return 4
      case .plus, .minus: return 5
      case .times, .over: return 6
      case .power: return 8
      }
    }

    var compares: Bool { precedence == 4 }
  }
}
