import Engine

/// Keys and values that stand before a layer's own and that every query may read. [extra, width], or [batch, extra, width].
public struct KeysValues {
  /// The extra keys; nil: none. Used as they are: never rotated, never cached.
  public var extra: (keys: Tensor, values: Tensor)?

  /// None yet.
  public init() {}
}

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
  /// A low-rank change as data: the engine adds it in place.
  public var term: ((_ x: Tensor, Pass) throws -> LowRankTerm)?
  /// Adds keys and values to an attention layer.
  public var keysValues: ((_ x: Tensor, KeysValues, Pass) throws -> KeysValues)?
  /// Changes the sequence at the model's entry: embeddings, mask, positions.
  public var sequence: ((Sequence, Pass) throws -> Sequence)?
  /// Stands in for W while attached.
  public var base: Tensor?
  /// The same effect inside weight and bias; nil where there is none.
  public var folded: ((Weights) throws -> Weights)?

  /// An edit that does nothing yet; set the parts.
  public init() {}
}

/// The sequence that enters a model, after the embedding and before positions and blocks.
public struct Sequence {
  /// [batch, time, width]
  public var embeddings: Tensor
  /// 1 for real positions, 0 for padding; [batch][time].
  public var mask: [[UInt8]]
  /// The batch's column each position came from, −1 for positions that a method added: no label there.
  public var columns: [Int]

  /// A sequence as the batch has it.
  public init(embeddings: Tensor, mask: [[UInt8]]) {
    self.embeddings = embeddings
    self.mask = mask
    columns = Array(0..<embeddings.shape[1])
  }

  /// Vectors [n, width] put before every row: seen by all, no labels. Gradients of the rows are added up.
  public func prepending(_ vectors: Tensor) throws -> Sequence {
    let batch = embeddings.shape[0], n = vectors.shape[0]
    var copy = self
    let row = try vectors.reshaped([1, n, vectors.width])
    let repeated = try row + Tensor.zeros([batch, n, vectors.width])
    copy.embeddings = try Tensor.concat([repeated, embeddings], axis: 1)
    copy.mask = mask.map { Array(repeating: 1, count: n) + $0 }
    copy.columns = Array(repeating: -1, count: n) + columns
    return copy
  }
}

/// Whoever places edits at sites and can be switched off: an attachment, a hook.
public protocol EditOwner: AnyObject {
  /// Whether its edits run.
  var isOn: Bool { get }
}
