import Options

/// Texts for language modelling: one stream of tokens, cut into windows of the model's context.
///
/// The stream is end-of-text, text, end-of-text, text, …, end-of-text. Each window begins with the token
/// that the window before it ended with, so every token but the stream's first is predicted exactly once.
public struct Corpus: Sendable, Equatable {
  /// The stream.
  public let ids: [Int]
  /// Columns of a window.
  public let context: Int
  /// UTF-8 bytes of the texts: the divisor of bits per byte. The end-of-text tokens cost nats and count no
  /// byte.
  public let bytes: Int
  /// How many texts there are.
  public let texts: Int

  /// Encodes texts and lines them up; throws where the tokenizer has no end of text or there is nothing to
  /// learn from.
  public init(_ texts: [String], tokenizer: any Tokenizer, context: Int) throws {
    guard let end = tokenizer.endOfText else {
      throw Failure("\(tokenizer.name) has no end-of-text token, which stands between texts.")
    }
    guard context >= 2 else {
      throw Failure("windows of \(context) tokens cannot be.", cure: "context is at least 2.")
    }
    guard !texts.isEmpty else { throw Failure("there are no texts to learn from.") }
    var ids = [end]
    for text in try tokenizer.encode(texts) { ids += text + [end] }
    self.ids = ids
    self.context = context
    self.texts = texts.count
    bytes = texts.reduce(0) { $0 + $1.utf8.count }
  }

  /// How many windows there are; the last may be shorter.
  public var count: Int { (ids.count - 2) / (context - 1) + 1 }

  /// A window, with every token but its first carrying loss; the index is taken modulo the count.
  public subscript(index: Int) -> Example {
    let window = ((index % count) + count) % count
    let start = window * (context - 1)
    return Example(allOf: Array(ids[start..<min(start + context, ids.count)]), choice: nil)
  }

  /// The predictions that carry loss: all tokens but the stream's first.
  public var counted: Int { ids.count - 1 }

  /// Bits a byte from the loss of all windows together, in nats.
  public func bitsPerByte(nats: Double) -> Double { Statistics.bitsPerByte(nats: nats, bytes: bytes) }
}
