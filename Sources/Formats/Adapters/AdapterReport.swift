/// A key of an adapter's file and the shape under it.
public struct AdapterKey: Sendable, Equatable, CustomStringConvertible {
  /// The key as it stands in the file.
  public var key: String
  /// The shape.
  public var shape: [Int]

  /// A key and a shape.
  public init(key: String, shape: [Int]) {
    self.key = key
    self.shape = shape
  }

  /// `transformer.h.0.attn.c_attn.lora_A.weight [8, 64]`
  public var description: String { "\(key) \(shape)" }
}

/// What came of reading an adapter: which keys found their place, and the number that proves an effect.
///
/// A key that is missing is an error, so a report that there is has none.
public struct AdapterReport: Sendable, Equatable {
  /// `peft`'s name of the method.
  public var type = ""
  /// Keys that found their place.
  public var matched: [AdapterKey] = []
  /// Keys that the model has no place for; `peft` is silent about them.
  public var unexpected: [AdapterKey] = []
  /// The largest difference that the adapter makes to a logit of the probe.
  public var difference: Float = 0
  /// Whether all numbers that were read are finite.
  public var isFinite = true
  /// Numbers read.
  public var count = 0
  /// Sentences on settings that were left out.
  public var notes: [String] = []

  /// What should make one look twice; nil where all is well.
  public var warning: String? {
    if !isFinite || !difference.isFinite {
      return "This adapter is broken: it holds NaN or infinity, or the logits do with it."
    }
    if difference == 0 {
      return "This adapter changes no logit: it was saved before it was trained, or belongs to another base."
    }
    if !unexpected.isEmpty { return "\(unexpected.count) of the file's tensors have no place in this model." }
    return nil
  }
}
