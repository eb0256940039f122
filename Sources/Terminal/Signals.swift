import CLine

/// What signals mean to the program.
///
/// Ctrl-C at a prompt gives up the line. While a cell runs it is counted: 1 means finish the step and stop,
/// 2 cancel the step. SIGTERM and SIGHUP count as well, and ask the program to save and leave.
public enum Signals {
  /// Installs the handlers; a `ReadlineSource` does so too. Main thread.
  public static func install() { cline_take_signals() }

  /// Counts at an address given by the caller instead of one of our own; nil goes back to that. The address
  /// must stay valid, and the number there be read atomically. It becomes 0 at a prompt.
  public static func countInterrupts(at counter: UnsafeMutablePointer<Int32>?) {
    cline_count_interrupts_at(counter)
  }

  /// A function told the new count at each Ctrl-C while a cell runs, inside the signal handler (it may only
  /// store to atomics that exist already), and 0 when a prompt forgets them.
  public static func onInterrupt(_ call: (@convention(c) (Int32) -> Void)?) { cline_on_interrupt(call) }

  /// How often Ctrl-C came since the last prompt. Any thread.
  public static var interrupts: Int { Int(cline_interrupts()) }

  /// Forgets what was counted.
  public static func clearInterrupts() { cline_clear_interrupts() }

  /// Whether SIGTERM or SIGHUP came. Any thread.
  public static var isLeaving: Bool { cline_is_leaving() }
}
