#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The program: its arguments choose a face.
@main
enum Graft {
  /// What `--version` shows.
  static let version = "0.1.0"

  static func main() {
    let words = Array(CommandLine.arguments.dropFirst())
    do {
      exit(try start(words))
    } catch {
      Plain.error(error)
      exit(Status.misused)
    }
  }

  /// Runs the face that the words choose, and gives the program's exit code.
  static func start(_ words: [String]) throws -> Int32 {
    let (face, rest) = try Faces.chosen(by: words)
    let arguments = try Arguments(rest, of: face)
    if arguments.has("version") {
      Plain.line("graft \(version)")
      return Status.fine
    }
    if arguments.has("help") {
      Plain.line(Usage.text(of: face))
      return Status.fine
    }
    arguments.takeEffect()
    return try face.run(arguments)
  }
}

/// Exit codes.
enum Status {
  /// All went well.
  static let fine: Int32 = 0
  /// A cell failed.
  static let failed: Int32 = 1
  /// The program was called wrongly.
  static let misused: Int32 = 2
  /// Ctrl-C, as a shell counts it: 128 + SIGINT.
  static let interrupted: Int32 = 130
  /// SIGTERM or SIGHUP.
  static let terminated: Int32 = 143
}
