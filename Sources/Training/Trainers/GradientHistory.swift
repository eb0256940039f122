/// The norms of the last steps' gradients by parameter, cheap to keep: copies share the numbers.
public struct GradientHistory: Sendable, Equatable {
  /// How many steps are kept.
  public static let length = 32
  /// The names of the parameters.
  public private(set) var names: [String] = []
  /// The norms of each step, oldest first, in the order of the names.
  public private(set) var steps: [[Float]] = []

  /// Before the first step.
  public init() {}

  /// Adds the norms of a step; where other parameters train than before, it starts anew.
  public mutating func append(_ norms: [(name: String, norm: Float)]) {
    let now = norms.map(\.name)
    if now != names { (names, steps) = (now, []) }
    if steps.count == Self.length { steps.removeFirst() }
    steps.append(norms.map(\.norm))
  }

  /// The norms of a parameter's gradient, oldest first; none where they were not kept.
  public func values(of name: String) -> [Float] {
    guard let at = names.firstIndex(of: name) else { return [] }
    return steps.map { $0[at] }
  }
}
