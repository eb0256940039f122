import CPTY
import Foundation

/// Runs a program between pipes, as a script would: all of its output, and its exit code (128 + n for signal
/// n).
///
/// Throws when it does not end within `timeout` seconds.
public func runPiped(
  _ path: String, _ arguments: [String] = [], environment: [String: String] = [:], input: [UInt8],
  timeout: Double = 20
) throws -> (output: String, code: Int) {
  var child: pid_t = 0, toChild: Int32 = -1, fromChild: Int32 = -1
  let result = withCStrings([path] + arguments) { argv in
    withCStrings(environment.map { "\($0)=\($1)" }) { envp in
      cpty_spawn_piped(path, argv, envp, &toChild, &fromChild, &child)
    }
  }
  guard result == 0 else { throw Pty.Missing(description: "cannot start \(path)") }
  signal(SIGPIPE, SIG_IGN)
  var output: [UInt8] = [], sent = 0
  let hasEnded = exchange(input, &sent, &toChild, fromChild, &output, timeout)
  if toChild >= 0 { close(toChild) }
  close(fromChild)
  if !hasEnded { kill(child, SIGKILL) }
  let code = cpty_wait(child)
  let text = String(decoding: output, as: UTF8.self)
  guard hasEnded else {
    throw Pty.Missing(description: "the program did not end; it wrote \(text.debugDescription)")
  }
  return (text, Int(code))
}

/// Writes and reads until the program's output ends; false after the timeout.
private func exchange(
  _ input: [UInt8], _ sent: inout Int, _ toChild: inout Int32, _ fromChild: Int32, _ output: inout [UInt8],
  _ timeout: Double
) -> Bool {
  let limit = ContinuousClock.now + .seconds(timeout)
  _ = fcntl(toChild, F_SETFL, O_NONBLOCK)
  var buffer = [UInt8](repeating: 0, count: 65_536)
  while true {
    let left = limit - ContinuousClock.now
    guard left > .zero else { return false }
    var ends = [
      pollfd(fd: fromChild, events: Int16(POLLIN), revents: 0),
      pollfd(fd: toChild, events: Int16(POLLOUT), revents: 0),
    ]
    guard poll(&ends, 2, Int32(left / .milliseconds(1)) + 1) > 0 else { continue }
    if ends[1].revents != 0 {
      let count = input[sent...].withUnsafeBytes { write(toChild, $0.baseAddress, $0.count) }
      if count > 0 { sent += count }
      if sent == input.count || (count < 0 && errno == EPIPE) {
        close(toChild)
        toChild = -1  // poll leaves out negative descriptors
      }
    }
    if ends[0].revents != 0 {
      let count = read(fromChild, &buffer, buffer.count)
      if count <= 0 { return true }
      output += buffer[..<count]
    }
  }
}
