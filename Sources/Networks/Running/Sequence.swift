import Engine
import Options

/// The sequence that enters a model, after the embedding and before positions and blocks.
public struct Sequence {
  /// [batch, time, width]
  public var embeddings: Tensor
  /// 1 for real positions, 0 for padding; [batch][time].
  public var mask: [[UInt8]]
  /// The batch's column each position came from; below 0 for positions that a method added, which have no label:
  /// `vector` or `image`. [batch][time]
  public var columns: [[Int]]
  /// Whether a head that reads a row's first position (BERT's) takes the very first, even one that a method added, as
  /// `peft`'s prompts have it; else it reads the first of the row's own.
  public var isReadFromFirst = false
  /// Columns before which the batch has places for vectors, equally many a row; nil: none.
  public var slots: [[Int]]?

  /// The column of a vector that a method added.
  public static let vector = -1
  /// The column of an image token that a method added.
  public static let image = -2

  /// A sequence as the batch has it.
  public init(embeddings: Tensor, mask: [[UInt8]], slots: [[Int]]? = nil) {
    self.embeddings = embeddings
    self.mask = mask
    self.slots = slots
    columns = mask.map { Array($0.indices) }
  }

  /// The vectors that edits put into a sequence, in order, [n, width]; nil: none.
  static func added(by edits: [Edit], width: Int, _ pass: Pass) throws -> Tensor? {
    let empty = Sequence(embeddings: .zeros([1, 1, width]), mask: [[1]])
    let filled = try edits.reduce(empty) { try $1.sequence?($0, pass) ?? $0 }
    guard let columns = filled.columns.first, columns.count > 1 else { return nil }
    let added = columns.indices.filter { columns[$0] < 0 }
    return try filled.embeddings.reshaped([columns.count, width]).gather(added)
  }

  /// Vectors put before the rows, seen by all, no labels: [n, width] for every row alike (the gradients of the rows are
  /// added up), or [batch, n, width].
  public func prepending(_ vectors: Tensor, as column: Int = Sequence.vector) throws -> Sequence {
    let batch = embeddings.shape[0], n = vectors.rows / (vectors.shape.count == 3 ? batch : 1)
    var copy = self
    let repeated =
      vectors.shape.count == 3
      ? vectors : try vectors.reshaped([1, n, vectors.width]) + Tensor.zeros([batch, n, vectors.width])
    copy.embeddings = try Tensor.concat([repeated, embeddings], axis: 1)
    copy.mask = mask.map { Array(repeating: 1, count: n) + $0 }
    copy.columns = columns.map { Array(repeating: column, count: n) + $0 }
    return copy
  }

  /// Vectors [n, width] put into the batch's slots: n shared out among them in order, as evenly as can be, the first
  /// ones taking one more. Throws where there are more slots than vectors.
  public func filling(_ vectors: Tensor) throws -> Sequence {
    guard let slots, let count = slots.first?.count, count > 0 else { return try prepending(vectors) }
    let n = vectors.shape[0], time = embeddings.shape[1], rows = embeddings.shape[0]
    guard n >= count else {
      throw Failure(
        "the template has \(count) places {prompt}, but there are only \(n) vectors for them.",
        cure: "Attach it with n=\(count) or more.")
    }
    let sizes = (0..<count).map { n / count + ($0 < n % count ? 1 : 0) }
    var copy = self, order: [Int] = []
    for row in 0..<rows {
      var next = rows * time  // the vectors stand behind all positions of the batch
      var places: [Int] = [], mask: [UInt8] = [], columns: [Int] = []
      func put(_ slot: Int) {
        places += Array(next..<next + sizes[slot])
        mask += Array(repeating: 1, count: sizes[slot])
        columns += Array(repeating: -1, count: sizes[slot])
        next += sizes[slot]
      }
      var slot = 0
      for t in 0..<time {
        let column = self.columns[row][t]
        while slot < count, column >= slots[row][slot] {
          put(slot)
          slot += 1
        }
        places.append(row * time + t)
        mask.append(self.mask[row][t])
        columns.append(column)
      }
      for rest in slot..<count { put(rest) }
      order += places
      (copy.mask[row], copy.columns[row]) = (mask, columns)
    }
    let all = try Tensor.concat([embeddings.reshaped([rows * time, vectors.width]), vectors], axis: 0)
    copy.embeddings = try all.gather(order, shape: [rows, time + n])
    return copy
  }
}

extension Model {
  /// The vectors that methods put into the text at the entry, in their order, [n, width]; nil: none.
  public func addedVectors(_ pass: Pass) throws -> Tensor? {
    guard let entry = sites.first(where: { $0.kind == .entry }) else { return nil }
    return try Sequence.added(by: entry.edits(pass), width: entry.width.out, pass)
  }
}
