import Engine
import FileSystem

/// What an adapter holds for one module of its base, in numbers.
public struct InspectedModule: Sendable, Equatable {
  /// One tensor.
  public struct Item: Sendable, Equatable {
    /// Its key inside the module (`lora_A.weight`) and its shape.
    public let key: AdapterKey
    /// The number format in the file: `F32`.
    public let format: String
    /// The square root of the sum of squares; nil for formats that are not read as numbers.
    public let norm: Double?
    /// Whether no number is NaN or infinite.
    public let isFinite: Bool
  }

  /// The module's name: `transformer.h.0.attn.c_attn`; empty: the whole model.
  public let name: String
  /// Its tensors, by name.
  public internal(set) var items: [Item] = []
  /// LoRA's rank as the file has it: rows of A.
  public internal(set) var rank: Int?
  /// What multiplies B·A.
  public internal(set) var scale: Double?
  /// The singular values of the change, largest first: of s·B·A, or of a prompt's vectors.
  public internal(set) var singularValues: [Double] = []
  /// Directions that add nothing because their row of A or column of B is zero; rows of zeros in a prompt.
  public internal(set) var dead = 0
  /// Whether B is zero, so that nothing changes.
  public internal(set) var isZero = false

  /// ‖s·B·A‖, or a prompt's norm; nil where the method has no such matrix.
  public var change: Double? {
    singularValues.isEmpty ? nil : singularValues.reduce(0) { $0 + $1 * $1 }.squareRoot()
  }

  /// The item of a key.
  func item(_ key: String) -> Item? { items.first { $0.key.key == key } }
}

extension InspectedModule {
  /// A module from its tensors; `scale` is what LoRA's product is multiplied by.
  init(_ name: String, _ tensors: [(key: String, item: InspectedFolder.Item)], scale: Double?) throws {
    self.name = name
    var values: [String: Tensor] = [:]
    for (key, item) in tensors.sorted(by: { ExactText.precedes($0.key, $1.key) }) {
      let value = item.entry.dtype.format == nil ? nil : try item.file.tensor(item.entry)
      values[key] = value
      items.append(
        Item(
          key: AdapterKey(key: key, shape: item.entry.shape), format: item.entry.dtype.rawValue,
          norm: value.map { $0.sumOfSquares.squareRoot() }, isFinite: value?.isFinite ?? true))
    }
    if let (a, b) = InspectedModule.factors(values) {
      rank = a.shape[0]
      self.scale = scale
      isZero = b.sumOfSquares == 0 || scale == 0
      dead = InspectedModule.dead(a, b)
      if let scale, a.isFinite, b.isFinite, a.count > 0, b.count > 0 {
        singularValues = try Tensor.singularValues(ofProduct: b, a).map { Double($0) * abs(scale) }
      }
    } else if let prompt = values["prompt_embeddings"], prompt.shape.count == 2, prompt.count > 0 {
      let rows = prompt.scalars
      dead =
        (0..<prompt.rows).filter { row in
          rows[row * prompt.width..<(row + 1) * prompt.width].allSatisfy { $0 == 0 }
        }.count
      if prompt.isFinite { singularValues = try prompt.singularValues().map(Double.init) }
    }
  }

  /// A [r, in] and B [out, r] of a linear layer, an embedding or a convolution, where they meet.
  static func factors(_ values: [String: Tensor]) -> (a: Tensor, b: Tensor)? {
    let pairs = [("lora_A.weight", "lora_B.weight"), ("lora_embedding_A", "lora_embedding_B")]
    for (first, second) in pairs {
      guard let a = values[first], let b = values[second], let a = flat(a), let b = flat(b) else { continue }
      if a.shape[0] == b.shape[1] { return (a, b) }
    }
    return nil
  }

  /// Two axes: a convolution's kernel belongs to its inputs.
  private static func flat(_ x: Tensor) -> Tensor? {
    guard x.shape.count >= 2 else { return nil }
    return try? x.reshaped([x.shape[0], x.shape.dropFirst().reduce(1, *)])
  }

  private static func dead(_ a: Tensor, _ b: Tensor) -> Int {
    let rank = a.shape[0], rows = a.scalars, columns = b.scalars
    return (0..<rank).filter { i in
      rows[i * a.width..<(i + 1) * a.width].allSatisfy { $0 == 0 }
        || stride(from: i, to: columns.count, by: max(1, rank)).allSatisfy { columns[$0] == 0 }
    }.count
  }
}
