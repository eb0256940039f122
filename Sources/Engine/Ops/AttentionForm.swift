/// Where the heads of a projection stand: columns of a tensor [batch, time, width], head h at column + h·stride.
public struct HeadColumns {
  /// [batch, time, width]; several projections may share one (a fused q, k, v).
  public var tensor: Tensor
  /// The first column.
  public var column: Int
  /// From one head to the next; nil: as wide as a head.
  public var stride: Int?

  /// Columns of a tensor, from the first one.
  public init(_ tensor: Tensor, column: Int = 0, stride: Int? = nil) {
    self.tensor = tensor
    self.column = column
    self.stride = stride
  }

  /// Whether the tensor is wide enough for so many heads.
  func holds(_ heads: Int, _ form: AttentionForm) -> Bool {
    let width = tensor.width, step = stride ?? form.headWidth
    return (0...width).contains(column) && heads <= width && form.headWidth <= step && step <= width
      && column + (heads - 1) * step + form.headWidth <= width
  }

  /// Whether q, k and v are columns of one and the same tensor on the tape, none of them read twice.
  static func areParts(
    _ q: HeadColumns, _ k: HeadColumns, _ v: HeadColumns, _ form: AttentionForm
  ) -> Bool {
    let one = q.tensor
    let isOne = [k.tensor, v.tensor].allSatisfy {
      $0.storage === one.storage && $0.offset == one.offset && $0.shape == one.shape
        && $0.origin?.core === one.origin?.core && $0.origin?.index == one.origin?.index
    }
    guard isOne else { return false }
    let starts = [(q, form.heads), (k, form.keyHeads), (v, form.keyHeads)].flatMap { part, heads in
      (0..<heads).map { part.column + $0 * (part.stride ?? form.headWidth) }
    }.sorted()
    return zip(starts, starts.dropFirst()).allSatisfy { $1 - $0 >= form.headWidth }
  }
}

/// Which keys may be read: true for real positions, false for padding; [batch, keys].
public final class KeyMask: Sendable {
  /// Rows of 1 (seen) and 0 (hidden).
  public let rows: [[UInt8]]
  /// The number of each column's document where rows hold several, below 0 for filling; nil: a row is one document.
  public let documents: [[Int]]?

  /// A mask from rows of 1 and 0, all of one length.
  public init(_ rows: [[UInt8]], documents: [[Int]]? = nil) {
    self.rows = rows
    self.documents = documents
  }
}

/// The positions of keys, by which slopes are measured; [batch, extra + keys].
public final class KeyPlaces: Sendable {
  /// Positions, all rows of one length.
  public let rows: [[Float]]

  /// Positions, all rows of one length.
  public init(_ rows: [[Float]]) { self.rows = rows }
}

/// How attention reads: heads, scale, causality, masks.
public struct AttentionForm {
  /// Heads of the queries.
  public var heads: Int
  /// Heads of the keys and values; a divisor of `heads` (grouped-query attention).
  public var keyHeads: Int
  /// Numbers a head.
  public var headWidth: Int
  /// Multiplies the scores; 1/√headWidth in most models.
  public var scale: Float
  /// Whether query i sees keys up to i + (keys − queries) only.
  public var isCausal: Bool
  /// Hides padded keys; nil: all are seen.
  public var mask: KeyMask?
  /// ALiBi's slope by head: the score of key j gains slope·(j − last key). Press et al. 2021, arXiv:2108.12409.
  public var slopes: [Float]?
  /// Whether a query that sees no key, because all before it is padding, reads all keys alike; else it gives 0. Its
  /// scores have gradients as if nothing were hidden.
  public var blindReadsAll = false
  /// Where keys stand for the slopes, extra ones first; nil: in order, and extra keys gain nothing.
  public var places: KeyPlaces?
  /// Query i sees this many keys up to i + (keys − queries), and all extra ones; nil: all.
  public var window: Int?

  /// A form with as many key heads as heads and the usual scale.
  public init(heads: Int, headWidth: Int, isCausal: Bool, mask: KeyMask? = nil) {
    self.heads = heads
    keyHeads = heads
    self.headWidth = headWidth
    scale = 1 / Float(headWidth).squareRoot()
    self.isCausal = isCausal
    self.mask = mask
  }
}
