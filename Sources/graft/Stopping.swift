import Notebook
import Terminal

/// Ctrl-C for the session that runs: once, the step is finished; twice, it is cancelled and taken back.
enum Stopping {
  /// A global, since a signal handler carries nothing with it; made before the first signal can come.
  static let interrupt = Session.Interrupt()

  /// From now on Ctrl-C raises it.
  static func install() {
    _ = interrupt
    Signals.install()
    Signals.onInterrupt(follow)
  }
}

/// Inside the signal handler: one atomic addition.
private func follow(_ count: Int32) {
  if count == 0 { Stopping.interrupt.reset() } else { Stopping.interrupt.raise() }
}
