import Engine

/// Keys and values that stand before a layer's own and that every query may read. [extra, width], or [batch, extra, width].
public struct KeysValues {
  /// The extra keys; nil: none. Used as they are: never rotated, never cached.
  public var extra: (keys: Tensor, values: Tensor)?

  /// None yet.
  public init() {}

  /// With more of them behind those that are there; both the same for every row [n, width], or by row [batch, n, width].
  public func adding(_ keys: Tensor, _ values: Tensor) throws -> KeysValues {
    var copy = self
    guard let there = extra else {
      copy.extra = (keys, values)
      return copy
    }
    func joined(_ a: Tensor, _ b: Tensor) throws -> Tensor {
      guard let rows = [a, b].first(where: { $0.shape.count == 3 })?.shape[0] else {
        return try Tensor.concat([a, b], axis: 0)
      }
      return try Tensor.concat([a.repeated(rows), b.repeated(rows)], axis: 1)
    }
    copy.extra = (try joined(there.keys, keys), try joined(there.values, values))
    return copy
  }
}

extension Tensor {
  /// [n, width] as [rows, n, width], the same for every row; what has rows already stays.
  fileprivate func repeated(_ rows: Int) throws -> Tensor {
    shape.count == 3 ? self : try reshaped([1] + shape) + Tensor.zeros([rows] + shape)
  }
}

extension Edit {
  /// n keys and values [n, width] before a layer's own. While training, a share of their numbers is hidden, drawn anew
  /// for every row of the batch.
  public static func prefix(
    _ n: Int, dropout: Float = 0, _ name: String,
    _ make: @escaping (Pass) throws -> (keys: Tensor, values: Tensor)
  ) -> Edit {
    var edit = Edit()
    edit.extraPositions = n
    edit.keysValues = { x, there, pass in
      var (keys, values) = try make(pass)
      if dropout > 0, pass.isTraining {
        keys = try pass.dropout(keys.repeated(x.shape[0]), dropout, name + ".keys")
        values = try pass.dropout(values.repeated(x.shape[0]), dropout, name + ".values")
      }
      return try there.adding(keys, values)
    }
    return edit
  }
}

extension Site {
  /// What methods put before this attention layer's own keys and values in evaluation; nil: nothing.
  public func addedKeysValues(_ pass: Pass) throws -> (keys: Tensor, values: Tensor)? {
    try edits(pass).reduce(KeysValues()) { try $1.keysValues?(.zeros([1, 1, 1]), $0, pass) ?? $0 }.extra
  }
}

extension Pass {
  /// How many positions extra keys take before the model's own: the most that any of these attention sites has.
  public func extraPositions(at sites: [Site]) -> Int {
    sites.map { $0.edits(self).reduce(0) { $0 + $1.extraPositions } }.max() ?? 0
  }
}
