import Foundation
import TestSupport

/// The test program behind a terminal, with its prompt shown.
struct Echo {
  static let prompt = "echo> "
  static let paste = (begin: "\u{1B}[200~", end: "\u{1B}[201~")
  let pty: Pty

  init(
    history: String? = nil, environment: [String: String] = ["LANG": "C.UTF-8", "NO_COLOR": "1"],
    term: String = "xterm", columns: Int = 80
  ) throws {
    pty = try Pty(
      builtProduct(named: "EchoTerminal"), history.map { [$0] } ?? [], environment: environment, term: term,
      columns: columns)
    try pty.expect(Echo.prompt)
  }

  /// Types keys and Enter, and waits for the answer and the next prompt; returns what lies between.
  @discardableResult
  func ask(_ keys: String, for answer: String) throws -> String {
    try pty.send(keys + "\r")
    let text = try pty.expect(answer)
    return try text + pty.expect(Echo.prompt)
  }
}

/// A folder of its own, removed afterwards.
func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
  let folder = NSTemporaryDirectory() + "terminal-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  return try body(folder)
}
