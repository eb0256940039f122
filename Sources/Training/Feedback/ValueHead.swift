import Engine

/// What a policy expects of an answer before each of its tokens: one linear layer on its states.
///
///     V = s·wᵀ + b
///
/// It starts at 0, belongs to the trainer's state, and reads the states without moving them.
public struct ValueHead {
  /// The names of its tensors in a trainer's state.
  public static let names = ["value.weight", "value.bias"]
  /// [1, width]
  public let weight: Tensor
  /// [1]
  public let bias: Tensor

  /// The head of a state; a new one where it has none.
  public init(_ tensors: [String: Tensor], width: Int) {
    let known = tensors[Self.names[0]].flatMap { $0.shape == [1, width] ? $0 : nil }
    weight = known ?? .zeros([1, width])
    bias = known == nil ? .zeros([1]) : tensors[Self.names[1]] ?? .zeros([1])
  }

  private init(_ weight: Tensor, _ bias: Tensor) { (self.weight, self.bias) = (weight, bias) }

  /// Its tensors by name.
  public var tensors: [String: Tensor] { [Self.names[0]: weight, Self.names[1]: bias] }

  /// The same head on a tape.
  public func tracked(_ tape: Tape?) -> ValueHead {
    tape.map { ValueHead($0.track(weight), $0.track(bias)) } ?? self
  }

  /// What it expects at states [n, width]: [n, 1].
  public func values(_ states: Tensor) throws -> Tensor { try states.plain.linear(weight, bias: bias) }
}
