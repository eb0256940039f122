import Engine
import Networks
import Options

/// An optimiser: how a gradient becomes a step. A value with options; what it remembers stands in `OptimiserState`.
public protocol Optimiser: Sendable {
  /// With default options.
  init()
  /// What it says of itself.
  static var card: Card { get }
  /// Its options.
  static var options: [Option<Self>] { get }
  /// The new value of a parameter and of what is remembered of it; nothing is written in place.
  func step(_ value: Tensor, gradient: Tensor, memory: OptimiserMemory?, rate: Float, factor: Float) throws
    -> (value: Tensor, memory: OptimiserMemory)
}

/// What an optimiser remembers of one parameter: how many steps it made, and its moments.
public struct OptimiserMemory {
  /// Steps made.
  public var steps: Int
  /// Moments of the parameter's shape: m and v for AdamW, the velocity for SGD.
  public var tensors: [Tensor]
  private weak var owner: Parameter?
  private var isOwned = false

  /// A memory; it serves whichever parameter has its name, until `kept(for:)` gives it an owner.
  public init(steps: Int, tensors: [Tensor]) {
    self.steps = steps
    self.tensors = tensors
  }

  /// The same memory for this very parameter: one that comes later under the same name starts anew.
  public func kept(for parameter: Parameter) -> OptimiserMemory {
    var copy = self
    (copy.owner, copy.isOwned) = (parameter, true)
    return copy
  }

  /// The memory, if it is this parameter's.
  public func of(_ parameter: Parameter) -> OptimiserMemory? { !isOwned || owner === parameter ? self : nil }
}

/// All optimisers; a test compares this with the folder.
public enum Optimisers {
  /// In teaching order.
  public static var all: [any Optimiser.Type] { [AdamW.self, SGD.self] }

  /// The optimiser of a name; throws with a suggestion.
  public static func named(_ name: String) throws -> any Optimiser.Type {
    guard let found = all.first(where: { $0.card.name == name }) else {
      throw unknown("optimizer", name, among: all.map { $0.card.name })
    }
    return found
  }
}
