import Options

extension Syntax {
  /// One thing after a verb: `attn.q`, or `r=8`.
  public struct Argument: Equatable, Sendable {
    /// The option's name, or nil for a positional argument. A flag is a positional word.
    public var name: Name?
    /// Its value.
    public var value: ArgumentValue
    /// Where name and value stand.
    public var range: Range<Int>
  }

  /// The value of an argument: known as it stands, or to be computed when the command runs.
  public struct ArgumentValue: Equatable, Sendable {
    /// What kind of value it is.
    public var kind: Kind
    /// Where it stands.
    public var range: Range<Int>

    /// The sorts of value.
    public enum Kind: Equatable, Sendable {
      /// `8`, `1e-3`, `yes`, `attn.q`, `"two words"`, `1,2,3`, `0..3`.
      case literal(OptionValue)
      /// `(2*r)`, `%7`, `@lora`, `blocks.0.attn.q[0,:]`, `loss()`.
      case expression(Expression)
      /// A list in which something must be computed; a list of literals is a literal.
      case list([ArgumentValue])
    }

    /// The value, if nothing has to be computed.
    public var literal: OptionValue? {
      if case .literal(let value) = kind { return value }
      return nil
    }
  }
}
