import FileSystem
import Options

/// A package of PyPI, fetched by pip in a Python environment of its own inside the data folder.
struct PythonPackage {
  /// Its name and version.
  let name: String, version: String
  /// The archive's name, and its checksum.
  let file: String, checksum: String
  /// How large it is, in words: `2.5 MB`.
  let size: String
  /// Whether the source archive is wanted rather than a wheel.
  let isSource: Bool
  /// What is typed to try again: `get tweets`.
  let again: String

  /// The path of the archive, which is fetched where it is not there yet.
  func archive(_ fetching: Fetching) throws -> String {
    let kept = fetching.downloads + "/" + file, disk = fetching.disk
    if fetching.isRight(kept, checksum) { return kept }
    let python = try Self.environment(fetching)
    let bytes = try fetching.aside(fetching.places.data + "/downloads.new") { folder in
      fetching.say("fetching \(name) \(version) (\(size))")
      let pip =
        [
          python, "-m", "pip", "download", "--disable-pip-version-check", "--no-input", "--no-deps",
          isSource ? "--no-binary" : "--only-binary", ":all:", "--retries", "2", "--timeout", "15",
        ] + ["--dest", folder, "\(name)==\(version)"]
      let outcome = try fetching.run(pip, cure: Self.needsPython)
      // Whether pip could also read the package's own description is of no importance: the archive is what
      // counts.
      guard try disk.exists(folder + "/" + file) else { throw failure(outcome) }
      return try fetching.check(folder + "/" + file, checksum)
    }
    try disk.makeFolders(fetching.downloads)
    try disk.write(kept, bytes: bytes)
    return kept
  }

  private static let needsPython = "Type: sudo apt-get install python3 python3-venv"

  /// The Python of an environment of its own, made where it is not there or does not work.
  private static func environment(_ fetching: Fetching) throws -> String {
    let home = fetching.places.data + "/python", disk = fetching.disk
    let python = home + "/bin/python"
    if try disk.exists(python),
      try fetching.run([python, "-m", "pip", "--version"], cure: needsPython).status == 0
    {
      return python
    }
    fetching.say("making a Python environment in \(home)")
    let outcome = try fetching.run(["python3", "-m", "venv", "--clear", home], cure: needsPython)
    guard outcome.status == 0 else {
      try? disk.removeAll(home)
      let isMissing = outcome.output.contains("ensurepip") || outcome.output.contains("No module named venv")
      throw Failure(
        "a Python environment could not be made in \(home).",
        cure: isMissing ? "Type: sudo apt-get install python3-venv" : "See what Python says above.",
        details: outcome.lastLines())
    }
    return python
  }

  private func failure(_ outcome: Subprocess.Outcome) -> Failure {
    let signs = [
      "NewConnectionError", "Temporary failure in name resolution", "ConnectTimeout", "Max retries",
      "Network is unreachable", "ProxyError", "Connection refused", "ConnectionResetError", "ReadTimeout",
    ]
    if signs.contains(where: { outcome.output.contains($0) }) {
      return Failure(
        "the package index cannot be reached.",
        cure: "This one command needs the network (or pip's settings for your mirror). Then type: \(again)",
        details: outcome.lastLines(3))
    }
    return Failure(
      "pip did not fetch \(name) \(version) (status \(outcome.status)).",
      cure: "See what pip says above.", details: outcome.lastLines())
  }
}
