/// The losses of all steps so far, cheap to keep at every step: copies share all but the last few.
public struct LossHistory: Sendable, Equatable {
  private var chunks: [[Float]] = []
  private static let length = 64

  /// Before the first step.
  public init() {}

  /// Adds the loss of a step.
  public mutating func append(_ loss: Float) {
    if let last = chunks.last, last.count < Self.length {
      chunks[chunks.count - 1].append(loss)
    } else {
      chunks.append([loss])
    }
  }

  /// How many steps there were.
  public var count: Int { chunks.isEmpty ? 0 : (chunks.count - 1) * Self.length + (chunks.last?.count ?? 0) }

  /// All losses, oldest first.
  public var values: [Float] { chunks.flatMap { $0 } }

  /// The last loss, if there is one.
  public var last: Float? { chunks.last?.last }
}
