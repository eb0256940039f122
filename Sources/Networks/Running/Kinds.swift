import Engine

/// The modality of each position of a run: text, or image tokens.
public struct Kinds {
  /// Batch and time.
  let shape: [Int]
  /// Places of image tokens and of text among all positions, row after row.
  let images: [Int], texts: [Int]

  /// Those of a sequence by its columns, [batch][time]; nil where all is text.
  init?(_ columns: [[Int]]) {
    let flat = columns.flatMap { $0 }
    images = flat.indices.filter { flat[$0] == Sequence.image }
    guard !images.isEmpty else { return nil }
    texts = flat.indices.filter { flat[$0] != Sequence.image }
    shape = [columns.count, columns.first?.count ?? 0]
  }

  /// The same positions with the modalities exchanged.
  public var exchanged: Kinds { Kinds(shape: shape, images: texts, texts: images) }

  private init(shape: [Int], images: [Int], texts: [Int]) {
    (self.shape, self.images, self.texts) = (shape, images, texts)
  }

  /// 1 at image tokens, 0 at text: [batch, time, 1]
  public var mask: Tensor {
    get throws {
      var values = [Float](repeating: 0, count: images.count + texts.count)
      for place in images { values[place] = 1 }
      return try Tensor(shape + [1], values)
    }
  }

  /// Hard routing: image tokens go through one function and text through the other, and all come back in their places.
  /// Each sees only its own positions, [positions, width]; where there are none of a kind, its function does not run.
  public func route(
    _ x: Tensor, images image: (Tensor) throws -> Tensor, texts text: (Tensor) throws -> Tensor
  ) throws -> Tensor {
    let flat = try x.reshaped([shape.reduce(1, *), x.width])  // [batch·time, width]
    var parts: [Tensor] = []
    if !images.isEmpty { parts.append(try image(flat.gather(images))) }
    if !texts.isEmpty { parts.append(try text(flat.gather(texts))) }
    var back = [Int](repeating: 0, count: images.count + texts.count)
    for (i, place) in (images + texts).enumerated() { back[place] = i }
    return try Tensor.concat(parts, axis: 0).gather(back, shape: shape)
  }
}
