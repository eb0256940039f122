/// What can go wrong in the engine: shapes that do not meet, values that are not finite, a run that was stopped.
public enum EngineError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Shapes (or sizes) that an op cannot take; the message says which and why.
  case shapes(op: String, String)
  /// A result held NaN or infinity: the op that made it and the place in the model where it ran.
  case notFinite(op: String, place: String)
  /// The run was cancelled from outside, between two layers.
  case interrupted

  /// The error in one line.
  public var description: String {
    switch self {
    case .shapes(let op, let message): return "\(op): \(message)"
    case .notFinite(let op, let place):
      return "the result of \(op)\(place.isEmpty ? "" : " in \(place)") is not finite (NaN or infinity)"
    case .interrupted: return "interrupted"
    }
  }
}
