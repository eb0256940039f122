/// What is being typed at a place of a text, so that candidates for it can be listed.
///
/// It reads only what stands before the cursor and forgives every error in it.
public struct CompletionContext: Equatable, Sendable {
  /// What can stand there.
  public enum Subject: Equatable, Sendable {
    /// A statement begins: a verb, `let repeat sweep until`, or a name or function of an expression.
    case verb
    /// After `let NAME =`: a maker, or an expression.
    case maker
    /// The first argument of a command, or one of its options.
    case argument(Call)
    /// A further argument: the name of an option, a flag, or one more positional value.
    case option(Call)
    /// The value after `NAME=`, or an element of it.
    case value(of: String, Call)
    /// A name, path or function in an expression.
    case expression
    /// The name of a model, after `@`.
    case model
    /// A path within a model: after `@m.`
    case path(inModel: String)
    /// A topic of help, after `?`.
    case help
    /// Nothing can be proposed: a new name, a number, a comment.
    case nothing
  }

  /// The command in which the cursor stands, as far as it was typed.
  public struct Call: Equatable, Sendable {
    /// The verb or maker, in full where that is known.
    public var verb: String
    /// The positional words before, such as the method after `attach`.
    public var words: [String] = []
    /// The options that already have a value.
    public var given: [String] = []
  }

  /// What can stand there.
  public var subject: Subject
  /// The part of the text that a candidate replaces; it ends at the cursor.
  public var replaced: Range<Int>
  /// What stands in that part.
  public var partial: String
  /// Whether a double quote stands before it.
  public var quoted: Bool

  /// Finds out what stands at the cursor, an offset into the text's UTF-8.
  public init(_ text: String, cursor: Int, words: Vocabulary) {
    let bytes = Array(text.utf8)
    var end = min(max(0, cursor), bytes.count)
    while end > 0, end < bytes.count, bytes[end] & 0xC0 == 0x80 { end -= 1 }
    var scanner = CompletionScanner(Lexer(String(decoding: bytes[..<end], as: UTF8.self)), words)
    self = scanner.context()
  }

  init(_ subject: Subject, _ replaced: Range<Int>, of lexer: Lexer, quoted: Bool = false) {
    self.subject = subject
    self.replaced = replaced
    self.partial = lexer.text(replaced)
    self.quoted = quoted
  }
}
