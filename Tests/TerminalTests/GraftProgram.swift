import Foundation
import TestSupport

/// The real program behind a terminal, in a folder of its own.
struct GraftProgram {
  let pty: Pty
  let folder: String

  /// Starts it and waits for its first prompt.
  init(
    _ arguments: [String] = [], folder: String,
    environment: [String: String] = ["LANG": "C.UTF-8", "NO_COLOR": "1"],
    term: String = "xterm", columns: Int = 80, prompt: String = "graft[1]> "
  ) throws {
    self.folder = folder
    let variables = environment.merging(["GRAFT_HOME": folder, "GRAFT_THREADS": "1"]) { $1 }
    pty = try Pty(
      builtProduct(named: "graft"), arguments, environment: variables, term: term, columns: columns)
    try pty.expect(prompt)
  }

  /// Types a line and waits for a text and the prompt after it; gives what lies between, without escapes.
  @discardableResult
  func ask(_ line: String, for text: String = "", prompt: String) throws -> String {
    try pty.send(line + "\r")
    var out = ""
    if !text.isEmpty { out += try pty.expect(text) }
    out += try pty.expect(prompt)
    return Pty.stripped(out)
  }

  /// Runs the program between pipes.
  static func piped(
    _ arguments: [String], input: String = "", folder: String,
    environment: [String: String] = ["LANG": "C.UTF-8"]
  ) throws -> (output: String, code: Int) {
    let variables = environment.merging(["GRAFT_HOME": folder, "GRAFT_THREADS": "1"]) { $1 }
    return try runPiped(
      builtProduct(named: "graft"), arguments, environment: variables, input: Array(input.utf8), timeout: 60)
  }
}
