import Synchronization

/// A wish to stop, set by a face (a signal, a message) and polled by loops.
///
/// Once: finish the present step and stop. Twice: cancel the step.
public final class Interrupt: Sendable {
  private let level = Atomic<Int>(0)

  /// Makes one that nobody has raised.
  public init() {}

  /// Asks to stop; a second call asks to cancel. Safe to call from a signal handler or another thread.
  public func raise() { level.wrappingAdd(1, ordering: .relaxed) }

  /// Forgets all wishes; called when a new cell starts.
  public func reset() { level.store(0, ordering: .relaxed) }

  /// Whether loops should end after the present step.
  public var isRaised: Bool { level.load(ordering: .relaxed) > 0 }

  /// Throws `EngineError.interrupted` when cancelling was asked for; polled between layers.
  public func check() throws {
    if level.load(ordering: .relaxed) > 1 { throw EngineError.interrupted }
  }
}
