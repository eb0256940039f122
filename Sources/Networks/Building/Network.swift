import Engine

/// What a head answers to.
public enum Answers: String, Sendable {
  /// Every position: the next token, a word that was left out.
  case positions
  /// Each row once, with a class.
  case rows
  /// Each token that is read, with a class of its own: what kind of name it belongs to.
  case tokens
}

/// What a network reads.
public enum Reads: Sendable, Equatable {
  /// Rows of token ids.
  case tokens
  /// Pictures of one size.
  case pictures(channels: Int, height: Int, width: Int)
}

/// The computation of an architecture, made of layers that run through their sites.
public protocol Network {
  /// What it reads.
  var reads: Reads { get }
  /// What its head answers to.
  var answers: Answers { get }
  /// From the input to the states that the head reads.
  func hidden(_ input: Input, _ pass: Pass) throws -> Hidden
  /// For a head that answers once a row: what it reads of each, [batch, width].
  func summary(_ hidden: Hidden, _ pass: Pass) throws -> Tensor
  /// From states [.., width] to logits [.., vocabulary], or from summaries [batch, width] to [batch, classes].
  func logits(_ states: Tensor, _ pass: Pass) throws -> Tensor
  /// The token with which a decoder of its own begins, which writes an answer to what is read; nil: there is none, and
  /// the model goes on with what it reads.
  var start: Int? { get }
  /// The head's site: where it is plain, losses may use its weight directly.
  var head: Site { get }
}

extension Network {
  /// Tokens.
  public var reads: Reads { .tokens }
  /// Every position.
  public var answers: Answers { .positions }
  /// None.
  public var start: Int? { nil }
  /// Nothing: such a head reads all positions.
  public func summary(_ hidden: Hidden, _ pass: Pass) throws -> Tensor {
    throw EngineError.shapes(op: "head", "this model answers at every position, not once a row")
  }
}

extension Model {
  /// An input made up for comparing answers: `count` tokens spread over the vocabulary, or a picture drawn by chance.
  public func sample(_ count: Int) -> Input {
    switch network.reads {
    case .tokens:
      let rows = size("vocab_size") ?? 2, context = size(architecture.sizes.context) ?? count
      let n = max(1, min(count, context))
      var input = Input([(0..<n).map { ($0 * 2 + 1) * rows / (n * 2) }])
      input.decoderIDs = network.start.map { start in [[start] + input.ids[0].dropLast()] }
      return input
    case .pictures(let channels, let height, let width):
      return Input(
        pixels: Chance(seed: 1).uniform([1, channels, height, width], -1, 1, purpose: "sample picture"))
    }
  }
}
