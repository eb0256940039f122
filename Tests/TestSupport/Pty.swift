import CPTY
import Foundation

/// A program behind a pseudo-terminal, typed to and read from as a person would.
///
///     let pty = try Pty(builtProduct(named: "graft"))
///     try pty.expect("graft[1]> ")
///     try pty.send("step 10\r")
///
/// Nothing sleeps: every wait ends when the text appears, when the program ends, or after the timeout.
public final class Pty {
  /// The text that was waited for did not come.
  public struct Missing: Error, CustomStringConvertible {
    /// What was waited for, and what came instead.
    public let description: String
  }

  /// The process.
  public let pid: pid_t
  /// Everything that came so far, escape sequences and all.
  public private(set) var output = ""
  private let master: Int32
  private var bytes: [UInt8] = []
  private var unread: [UInt8] = []
  private var code: Int32?

  /// Starts a program. `environment` is all that it gets beside `TERM` and an empty `INPUTRC`.
  public init(
    _ path: String, _ arguments: [String] = [], environment: [String: String] = [:], term: String = "xterm",
    rows: Int = 24, columns: Int = 80
  ) throws {
    var child: pid_t = 0
    let variables = ["TERM": term, "INPUTRC": "/dev/null"].merging(environment) { $1 }
    master = withCStrings([path] + arguments) { argv in
      withCStrings(variables.map { "\($0)=\($1)" }) { envp in
        cpty_spawn(path, argv, envp, Int32(rows), Int32(columns), &child)
      }
    }
    guard master >= 0 else {
      throw Missing(description: "cannot start \(path): \(String(cString: strerror(errno)))")
    }
    pid = child
  }

  deinit {
    close(master)
    if code == nil {
      Glibc.kill(pid, SIGKILL)
      _ = cpty_wait(pid)
    }
  }

  /// Types text; Enter is `\r`.
  public func send(_ text: String) throws {
    let bytes = Array(text.utf8)
    var done = 0
    while done < bytes.count {
      let count = bytes[done...].withUnsafeBytes { write(master, $0.baseAddress, $0.count) }
      guard count > 0 else { throw Missing(description: "cannot type \(text.debugDescription)") }
      done += count
    }
  }

  /// Presses Ctrl-C.
  public func sendInterrupt() throws { try send("\u{3}") }

  /// Reads until the text appears, and returns what came since the last call up to its end.
  @discardableResult
  public func expect(_ text: String, timeout: Double = 20) throws -> String {
    let wanted = Array(text.utf8)
    let limit = ContinuousClock.now + .seconds(timeout)
    var searched = 0
    while true {
      if let end = Pty.end(of: wanted, in: unread, from: searched) {
        defer { unread.removeFirst(end) }
        return String(decoding: unread[..<end], as: UTF8.self)
      }
      searched = max(0, unread.count - wanted.count)
      guard fill(until: limit) else {
        let seen = String(decoding: unread, as: UTF8.self).debugDescription
        throw Missing(description: "\(text.debugDescription) did not come, but \(seen)")
      }
    }
  }

  /// Reads to the end of the program: what came since the last `expect`, and its exit code (128 + n for
  /// signal n).
  @discardableResult
  public func waitForEnd(timeout: Double = 20) throws -> (output: String, code: Int) {
    let limit = ContinuousClock.now + .seconds(timeout)
    while fill(until: limit) {}
    guard ContinuousClock.now < limit else {
      let seen = String(decoding: unread, as: UTF8.self).debugDescription
      throw Missing(description: "the program did not end; it wrote \(seen)")
    }
    let exit = code ?? cpty_wait(pid)
    code = exit
    return (String(decoding: unread, as: UTF8.self), Int(exit))
  }

  /// Changes the window's size.
  public func resize(rows: Int, columns: Int) { _ = cpty_resize(master, Int32(rows), Int32(columns)) }

  /// Whether the terminal is as a shell wants it: with echo, line by line.
  public var isCooked: Bool { cpty_is_cooked(master) == 1 }

  /// Sends a signal to the program.
  public func kill(_ signal: Int32 = SIGKILL) { Glibc.kill(pid, signal) }

  /// A text without escape sequences and carriage returns.
  public static func stripped(_ text: String) -> String {
    var out = String.UnicodeScalarView()
    var isEscape = false, isLong = false
    for scalar in text.unicodeScalars {
      if isEscape {
        if scalar == "[" || scalar == "]" || scalar == "?" || scalar == "(" {
          isLong = true
        } else if !isLong || ("@"..."~").contains(scalar) || scalar == "\u{7}" {
          isEscape = false
          isLong = false
        }
      } else if scalar == "\u{1B}" {
        isEscape = true
      } else if scalar != "\r" {
        out.append(scalar)
      }
    }
    return String(out)
  }

  /// Reads what there is, waiting for it; false at the end of the program and after the time limit.
  private func fill(until limit: ContinuousClock.Instant) -> Bool {
    let left = limit - ContinuousClock.now
    guard left > .zero else { return false }
    var source = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
    let ready = poll(&source, 1, Int32(left / .milliseconds(1)) + 1)
    if ready < 0 { return errno == EINTR }
    guard ready > 0 else { return false }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = read(master, &buffer, buffer.count)
    guard count > 0 else { return count < 0 && errno == EINTR }
    unread += buffer[..<count]
    output += String(decoding: buffer[..<count], as: UTF8.self)
    return true
  }

  private static func end(of wanted: [UInt8], in bytes: [UInt8], from start: Int) -> Int? {
    guard bytes.count >= wanted.count else { return nil }
    for first in start...(max(start, bytes.count - wanted.count))
    where bytes[first...].starts(with: wanted) { return first + wanted.count }
    return nil
  }
}

/// Hands texts to C as an array of pointers that ends with NULL.
func withCStrings<Result>(
  _ texts: [String], _ body: (UnsafePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  var pointers = texts.map { strdup($0) } + [nil]
  defer { for pointer in pointers { free(pointer) } }
  return pointers.withUnsafeMutableBufferPointer { buffer in
    guard let start = buffer.baseAddress else { fatalError("an array with an element has an address") }
    return body(UnsafePointer(start))
  }
}
