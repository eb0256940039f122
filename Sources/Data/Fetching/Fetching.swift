import FileSystem
import Options

/// What every fetch works with: where data lives, how programs are run, who is told, and whether to stop.
///
/// Packages come by the clients that everybody has (pip, apt-get); archives are opened by tar, gzip and Python.
struct Fetching {
  /// Runs a program, asking a closure whether to stop; tests put their own in its place.
  typealias Runner = @Sendable (Subprocess, () -> Bool) throws -> Subprocess.Outcome

  /// Where data lives.
  let places: Places
  let runner: Runner
  /// Gets a line for each step.
  let say: (String) -> Void
  let interrupted: () -> Bool
  let disk = DiskFiles()

  /// The runner of everyday.
  static let programs: Runner = { try $0.run(interrupted: $1) }

  /// Where archives are kept, so that nothing is fetched twice.
  var downloads: String { places.data + "/downloads" }

  /// Whether a file is there with that checksum.
  func isRight(_ path: String, _ checksum: String) -> Bool {
    (try? disk.contents(of: path)).map { SHA256.hex($0) == checksum } ?? false
  }

  /// Throws unless a file's checksum is the expected one.
  func check(_ path: String, _ checksum: String) throws -> [UInt8] {
    let bytes = try disk.contents(of: path), found = SHA256.hex(bytes)
    guard found == checksum else {
      throw Failure(
        "the fetched \(Path.last(of: path)) is not the expected one.",
        cure: "Nothing was kept. Try again; if it stays so, the package index in use has another file.",
        details: ["expected sha256 \(checksum)", "found    sha256 \(found)"])
    }
    return bytes
  }

  /// Runs a program; where there is no such program the failure says what brings it.
  func run(_ words: [String], cure: String) throws -> Subprocess.Outcome {
    // Settings of another environment must not reach into this one.
    let plain: [String: String?] = [
      "PYTHONHOME": nil, "PYTHONPATH": nil, "VIRTUAL_ENV": nil, "LC_ALL": "C.UTF-8",
    ]
    let program = words.first ?? ""
    do { return try runner(Subprocess(words, environment: plain), interrupted) } catch let error as Failure
      where error.what.hasPrefix("cannot start \(program)")
    {
      throw Failure("\(program) is not there.", cure: cure)
    }
  }

  /// Works in an empty folder aside, which goes away afterwards.
  func aside<R>(_ folder: String, _ work: (String) throws -> R) throws -> R {
    try disk.removeAll(folder)
    try disk.makeFolders(folder)
    defer { try? disk.removeAll(folder) }
    return try work(folder)
  }

  // MARK: Archives

  /// Unpacks members of a tar archive into a folder.
  func tar(_ file: String, _ members: [String], into folder: String) throws {
    let words = ["tar", "-xzf", file, "-C", folder, "--no-same-owner"] + members
    try unpacked(file, run(words, cure: "Type: sudo apt-get install tar gzip"))
  }

  /// Replaces `FILE.gz` by `FILE`, and gives its contents.
  func gunzip(_ file: String) throws -> [UInt8] {
    try unpacked(file, run(["gzip", "-df", file], cure: "Type: sudo apt-get install gzip"))
    return try disk.contents(of: String(file.dropLast(3)))
  }

  /// Unpacks a zip archive, such as a wheel, into a folder.
  func unzip(_ file: String, into folder: String) throws {
    let words = ["python3", "-m", "zipfile", "-e", file, folder]
    try unpacked(file, run(words, cure: "Type: sudo apt-get install python3"))
  }

  private func unpacked(_ file: String, _ outcome: Subprocess.Outcome) throws {
    guard outcome.status == 0 else {
      throw Failure("\(file) could not be unpacked.", details: outcome.lastLines())
    }
  }
}
