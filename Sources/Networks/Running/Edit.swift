import Engine

/// A weight and its bias, as folding sees them. W: [out, in], b: [out]; a missing bias may become one.
public struct Weights {
  /// [out, in]
  public var weight: Tensor
  /// [out]
  public var bias: Tensor?

  /// A weight and its bias.
  public init(weight: Tensor, bias: Tensor? = nil) {
    self.weight = weight
    self.bias = bias
  }
}

/// What a method does at one site; every part is optional.
public struct Edit {
  /// Changes what the layer reads. What was attached first runs first.
  public var input: ((_ x: Tensor, Pass) throws -> Tensor)?
  /// Changes what the layer gives; x is what the layer read, after all input edits.
  public var output: ((_ x: Tensor, _ y: consuming Tensor, Pass) throws -> Tensor)?
  /// A low-rank change as data: the engine adds it in place. A table of vectors is a linear layer that reads one-hot
  /// rows, so A [r, count] is looked up and B [width, r] multiplied; x is empty there.
  public var term: ((_ x: Tensor, Pass) throws -> LowRankTerm)?
  /// Adds keys and values to an attention layer.
  public var keysValues: ((_ x: Tensor, KeysValues, Pass) throws -> KeysValues)?
  /// How many positions those keys take: the model's own begin after them.
  public var extraPositions = 0
  /// Changes the sequence at the model's entry: embeddings, mask, positions.
  public var sequence: ((Sequence, Pass) throws -> Sequence)?
  /// What the layer multiplies with in place of W [out, in], made from W; what was attached first comes first. A part
  /// is asked for its own rows. W itself stays as it is.
  public var base: ((_ w: Tensor, Pass) throws -> Tensor)?
  /// The same effect inside weight and bias; nil where there is none.
  public var folded: ((Weights) throws -> Weights)?
  /// The whole effect as one low-rank change of W, where it is one: W + s·B·A.
  public var change: (() throws -> LowRankTerm)?

  /// An edit that does nothing yet; set the parts.
  public init() {}
}

/// Whoever places edits at sites and can be switched off: an attachment, a hook.
public protocol EditOwner: AnyObject {
  /// Whether its edits run.
  var isOn: Bool { get }
}
