import CLine

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Lines from a pipe or a file: no prompt, no echo, any length.
///
/// `\r\n` counts as a newline, the last line needs none, a byte order mark is dropped, and what is not UTF-8
/// becomes U+FFFD. A Ctrl-C that came while a cell ran interrupts the next reading too, so that a script does
/// not go on by itself; `Signals.clearInterrupts` prevents that.
public final class PipeSource: LineSource {
  private let descriptor: Int32
  private var buffer: [UInt8] = []
  private var start = 0
  private var hasEnded = false
  private var isFirst = true

  /// Reads a descriptor, which stays open. Ctrl-C is noticed if `Signals` are installed.
  public init(descriptor: Int32 = 0) {
    self.descriptor = descriptor
  }

  /// The next line; the prompt is not shown.
  public func read(prompt: String, after cell: String) -> Reading {
    if cline_is_leaving() { return .end }
    if cline_interrupts() > 0 {
      cline_clear_interrupts()
      return .interrupted
    }
    var searched = start
    while true {
      if let newline = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        defer { start = newline + 1 }
        return .line(text(start..<newline))
      }
      searched = buffer.count
      if hasEnded {
        guard start < buffer.count else { return .end }
        defer { start = buffer.count }
        return .line(text(start..<buffer.count))
      }
      searched -= start
      buffer.removeFirst(start)
      start = 0
      if let stop = fill() { return stop }
    }
  }

  /// Reads what there is; Ctrl-C and SIGTERM end the waiting.
  private func fill() -> Reading? {
    let outcome = cline_wait(descriptor)
    if outcome == Int32(CLINE_INTERRUPTED.rawValue) { return .interrupted }
    if outcome == Int32(CLINE_END.rawValue) { return .end }
    let room = 65_536
    let got = withUnsafeTemporaryAllocation(byteCount: room, alignment: 1) { bytes -> Int in
      let count = readBytes(descriptor, bytes.baseAddress, room)
      if count > 0 { buffer.append(contentsOf: bytes[..<count]) }
      return count
    }
    if got == 0 || (got < 0 && errno != EINTR && errno != EAGAIN) { hasEnded = true }
    return nil
  }

  private func text(_ range: Range<Int>) -> String {
    var bytes = buffer[range]
    if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
    if isFirst, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
    isFirst = false
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// The system's `read`, whose name the class gives to lines.
private func readBytes(_ descriptor: Int32, _ bytes: UnsafeMutableRawPointer?, _ count: Int) -> Int {
  read(descriptor, bytes, count)
}
