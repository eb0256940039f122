import Engine

/// A named tensor of a model or of an attachment, which training may move.
///
/// Its value is replaced, never written into: whoever kept the old value keeps an exact copy.
public final class Parameter {
  /// The full name: `blocks.0.attn.qkv.weight`, or `blocks.0.attn.q.lora.A` for an attachment's own.
  public let name: String
  /// The present value.
  public var value: Tensor
  /// Whether training moves it. Kept right by the model; `freeze` and `thaw` pin it.
  public internal(set) var isTrainable = true
  /// What `freeze` (false) or `thaw` (true) said; nil: nobody said anything.
  public var pin: Bool?
  /// Its value without any attachment, where an attachment trains or folds it; nil: the present value.
  public internal(set) var base: Tensor?

  /// A parameter with its first value.
  public init(_ name: String, _ value: Tensor) {
    self.name = name
    self.value = value
  }

  /// Sizes by axis.
  public var shape: [Int] { value.shape }
  /// How many numbers it holds.
  public var count: Int { value.count }
  /// The last part of the name: `weight`, `bias`, `A`.
  public var leaf: String { String(name.split(separator: ".").last ?? "") }
}
