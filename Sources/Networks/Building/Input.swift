import Engine

/// What enters a model: rows of tokens of one length, padded where the mask says so, or pictures.
public struct Input {
  /// Token ids, [batch][time]; none for a model that reads pictures.
  public var ids: [[Int]]
  /// 1 for real positions, 0 for padding; nil: all real.
  public var mask: [[UInt8]]?
  /// Positions for learned position tables; nil: counted over the real positions of each row.
  public var positions: [[Int]]?
  /// The segment of each token, for models that tell segments apart (BERT's token types); nil: all 0.
  public var types: [[Int]]?
  /// What a decoder of its own has written so far, the start token first, [batch][time]; nil: only that.
  public var decoderIDs: [[Int]]?
  /// 1 for real positions of these, 0 for padding; nil: all real.
  public var decoderMask: [[UInt8]]?
  /// Columns before which a method may put vectors, equally many a row: the `{prompt}` of a template; nil: none.
  public var slots: [[Int]]?
  /// Whether a head that reads a row's first position takes the very first, padding or not, as `transformers` does;
  /// else it reads the first of the row's own.
  public var isReadFromFirst = false
  /// Pictures [batch, channels, height, width].
  public var pixels: Tensor?
  /// Image tokens that go with each row of text, [batch, tokens, width], from a vision model; nil: none. A model that
  /// nothing attached teaches to see them reads the text alone.
  public var features: Tensor?

  /// An input of token ids.
  public init(
    _ ids: [[Int]], mask: [[UInt8]]? = nil, positions: [[Int]]? = nil, types: [[Int]]? = nil
  ) {
    (self.ids, self.mask, self.positions, self.types) = (ids, mask, positions, types)
  }

  /// An input of pictures [batch, channels, height, width].
  public init(pixels: Tensor) {
    ids = []
    self.pixels = pixels
  }

  /// The mask as numbers, all real where none was given.
  var fullMask: [[UInt8]] { mask ?? ids.map { Array(repeating: 1, count: $0.count) } }

  /// Throws when there is nothing to read, or when rows, mask, positions and types are not of one size.
  func check() throws {
    let width = ids.first?.count ?? 0
    func fail(_ message: String) -> EngineError { .shapes(op: "input", message) }
    guard pixels == nil else { throw fail("this model reads tokens, not pictures") }
    guard width > 0 else { throw fail("there are no tokens to read") }
    guard ids.allSatisfy({ $0.count == width }) else {
      throw fail("rows must be of one length, they have \(ids.map(\.count)) tokens: pad them and give a mask")
    }
    if let mask,
      mask.count != ids.count || !mask.allSatisfy({ $0.count == width && $0.allSatisfy { $0 < 2 } })
    {
      throw fail("the mask must be \(ids.count) rows of \(width) numbers 0 or 1")
    }
    if let decoderIDs {
      let width = decoderIDs.first?.count ?? 0
      guard decoderIDs.count == ids.count, width > 0, decoderIDs.allSatisfy({ $0.count == width }) else {
        throw fail("what the decoder reads must be \(ids.count) rows of one length")
      }
      if let decoderMask,
        decoderMask.map(\.count) != decoderIDs.map(\.count)
          || decoderMask.contains(where: { $0.contains { $0 > 1 } })
      {
        throw fail("the decoder's mask must be \(ids.count) rows of \(width) numbers 0 or 1")
      }
    }
    if let slots,
      slots.count != ids.count
        || !slots.allSatisfy({ $0.count == slots[0].count && $0.allSatisfy((0...width).contains) })
    {
      throw fail("slots must be \(ids.count) rows of columns from 0 to \(width), equally many")
    }
    if let features, features.shape.count != 3 || features.shape[0] != ids.count {
      throw fail("image tokens \(features.shape) do not fit \(ids.count) rows")
    }
    for (name, rows) in [("positions", positions), ("token types", types)] {
      guard let rows, rows.count != ids.count || !rows.allSatisfy({ $0.count == width }) else { continue }
      throw fail("\(name) must be \(ids.count) rows of \(width)")
    }
  }

  /// The pictures, of the sizes that a model reads; throws for others, and where there are none.
  func pictures(_ channels: Int, _ height: Int, _ width: Int) throws -> Tensor {
    func fail(_ message: String) -> EngineError { .shapes(op: "input", message) }
    guard let pixels else { throw fail("there are no pictures, and this model reads nothing else") }
    guard pixels.shape.count == 4, pixels.shape[0] > 0,
      Array(pixels.shape[1...]) == [channels, height, width]
    else {
      throw fail("pictures must be [batch, \(channels), \(height), \(width)], they are \(pixels.shape)")
    }
    return pixels
  }
}

/// What a network computes before its head.
public struct Hidden {
  /// [batch, time, width]; time may be longer than the batch's where a method added positions.
  public var states: Tensor
  /// The batch's column each position came from, −1 for added ones; [batch][time].
  public var columns: [[Int]]
  /// 1 for real positions, 0 for padding; [batch][time].
  public var mask: [[UInt8]]
  /// Whether a head that reads the first position takes it even where a method added it (`Sequence`).
  public var isReadFromFirst: Bool

  init(_ states: Tensor, of sequence: Sequence) {
    self.states = states
    (columns, mask, isReadFromFirst) = (sequence.columns, sequence.mask, sequence.isReadFromFirst)
  }

  /// The place of each row's first real position of its own; 0 for a row of padding.
  var firsts: [Int] {
    isReadFromFirst ? mask.map { _ in 0 } : owned.map { $0.first ?? 0 }
  }

  /// The place of each row's last real position of its own; 0 for a row of padding.
  var lasts: [Int] { owned.map { $0.last ?? 0 } }

  /// The places of each row's own positions that are real.
  private var owned: [[Int]] {
    zip(mask, columns).map { real, columns in columns.indices.filter { columns[$0] >= 0 && real[$0] == 1 } }
  }

  /// Of each of a row's own columns the place that says what comes next: right before the next own column, so that
  /// vectors which a method put between the two have been read.
  public func nextPlaces(_ row: Int) -> [(column: Int, place: Int)] {
    let columns = columns[row]
    var found: [(column: Int, place: Int)] = []
    found.reserveCapacity(columns.count)
    for (at, column) in columns.enumerated() where column >= 0 {
      if !found.isEmpty { found[found.count - 1].place = at - 1 }
      found.append((column, columns.count - 1))
    }
    return found
  }

  /// One position of each row: [batch, width].
  func states(at places: [Int]) throws -> Tensor {
    let time = states.shape[1]
    let rows = try states.reshaped([places.count * time, states.width])
    return try rows.gather(places.enumerated().map { $0 * time + $1 })
  }

  /// The states of the batch's own positions [batch, columns, width], whatever methods added among them.
  func withoutAdded(_ states: Tensor) throws -> Tensor {
    guard let first = columns.first, columns.contains(where: { $0.contains { $0 < 0 } }) else {
      return states
    }
    let start = first.firstIndex { $0 >= 0 } ?? first.count
    let isBefore = Array(repeating: -1, count: start) + (0..<first.count - start)
    if columns.allSatisfy({ $0 == isBefore }) { return try states.slice(axis: 1, start..<first.count) }
    let own = columns.enumerated().flatMap { row, columns in
      columns.indices.filter { columns[$0] >= 0 }.map { row * columns.count + $0 }
    }
    let shape = [columns.count, own.count / columns.count]
    return try states.reshaped([columns.count * first.count, states.width]).gather(own, shape: shape)
  }
}
