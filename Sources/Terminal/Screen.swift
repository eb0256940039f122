#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Writes to the terminal: whole lines, and one live line at the bottom that is rewritten in place.
///
/// The live line is only for terminals; elsewhere, and on dumb ones, it is left out. It is never wider than
/// the terminal, never moves the cursor up, and changes at most ten times a second.
public final class Screen {
  /// Nanoseconds between two forms of the live line.
  public static let interval: UInt64 = 100_000_000

  private let output: Int32
  private let isLive: Bool
  private var pending: [UInt8] = []
  private var live: String?
  private var shown: UInt64 = 0
  private var isAtLineStart = true

  /// Whether the reader is gone: what is written from now on is lost.
  public private(set) var isBroken = false

  /// A screen on a descriptor; `facts` tell whether it can have a live line.
  public init(facts: TerminalFacts = .now(), output: Int32 = 1) {
    self.output = output
    isLive = facts.outputIsTerminal && !facts.isDumb
  }

  /// Columns at this moment, from 40 to 200.
  public var width: Int { TerminalFacts.width(of: output) }

  /// Writes text; a last line without its newline waits for the rest, or for `flush`.
  public func write(_ text: String) {
    guard !text.isEmpty else { return }
    pending.append(contentsOf: text.utf8)
    guard let newline = pending.lastIndex(of: UInt8(ascii: "\n")) else { return }
    eraseLive()
    send(Array(pending[...newline]))
    pending.removeFirst(newline + 1)
    redrawLive()
  }

  /// Writes a line.
  public func line(_ text: String = "") { write(text + "\n") }

  /// Writes what still waits for its newline, such as a question.
  public func flush() {
    guard !pending.isEmpty else { return }
    eraseLive()
    live = nil
    send(pending)
    pending = []
  }

  /// Begins a new line unless the cursor stands at the beginning of one.
  public func freshLine() {
    flush()
    if live != nil { return endProgress() }
    if !isAtLineStart { send([UInt8(ascii: "\n")]) }
  }

  /// Shows the live line, or changes it if the last change is long enough ago. True if it was shown.
  @discardableResult
  public func progress(_ text: String) -> Bool {
    guard isLive else { return false }
    let now = Screen.clock()
    guard live == nil || now - shown >= Screen.interval else { return false }
    if live == nil { freshLine() }
    live = text
    shown = now
    redrawLive()
    return true
  }

  /// Ends the live line. It stays as last shown, or in the form given; an empty form takes it away.
  public func endProgress(_ text: String? = nil) {
    guard let last = live else { return }
    live = nil
    eraseSent()
    let final = text ?? last
    if !final.isEmpty { send(Array((clipped(final, columns: width) + "\n").utf8)) }
  }

  private func redrawLive() {
    guard let live else { return }
    send(Array(("\r\u{1B}[K" + clipped(live, columns: width - 1)).utf8))
  }

  private func eraseLive() {
    if live != nil { eraseSent() }
  }

  private func eraseSent() { send(Array("\r\u{1B}[K".utf8), movesToStart: true) }

  private func send(_ bytes: [UInt8], movesToStart: Bool = false) {
    var done = 0
    while done < bytes.count, !isBroken {
      let count = bytes.withUnsafeBytes {
        systemWrite(output, $0.baseAddress.map { $0 + done }, bytes.count - done)
      }
      if count > 0 {
        done += count
      } else if errno == EAGAIN {
        var waiting = pollfd(fd: output, events: Int16(POLLOUT), revents: 0)
        poll(&waiting, 1, -1)
      } else if errno != EINTR {
        isBroken = true
      }
    }
    isAtLineStart = movesToStart || bytes.last == UInt8(ascii: "\n")
  }

  private static func clock() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}

/// The system's `write`, whose name the class gives to text.
private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
