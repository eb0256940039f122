import FileSystem
import Options

/// A package of Debian that holds nothing but files, fetched by `apt-get download` and unpacked by `dpkg-deb` into the
/// data folder: nothing is installed, and nobody need be root. Where it is installed, its files are taken from there.
struct DebianPackage {
  /// Its name.
  let name: String
  /// How large it is, in words: `31 MB`.
  let size: String
  /// The folder of its files, from the root: `usr/share/datasets/…`.
  let folder: String
  /// The files that are wanted, with their checksums.
  let files: [(name: String, checksum: String)]
  /// What is typed to try again: `get fashion`.
  let again: String

  /// Hands over a folder with the files, each as the checksum says.
  func unpacked<R>(_ fetching: Fetching, _ work: (String) throws -> R) throws -> R {
    let installed = "/" + folder
    if files.allSatisfy({ fetching.isRight(installed + "/" + $0.name, $0.checksum) }) {
      fetching.say("\(name) is installed: its files are taken from \(installed)")
      return try work(installed)
    }
    return try fetching.aside(fetching.places.data + "/downloads.new") { aside in
      fetching.say("fetching \(name) (\(size))")
      // apt-get has no option for the folder that it writes into: it takes the one that it is run in.
      let script = "cd \"$1\" && exec apt-get download \"$2\""
      let fetched = try fetching.run(["sh", "-c", script, "sh", aside, name], cure: Self.needsApt)
      guard let archive = try fetching.disk.names(in: aside).first(where: { $0.hasSuffix(".deb") }) else {
        throw failure(fetched)
      }
      let words = ["dpkg-deb", "-x", aside + "/" + archive, aside + "/unpacked"]
      let opened = try fetching.run(words, cure: Self.needsApt)
      guard opened.status == 0 else {
        throw Failure("\(archive) could not be unpacked.", details: opened.lastLines())
      }
      let home = aside + "/unpacked/" + folder
      for file in files { _ = try fetching.check(home + "/" + file.name, file.checksum) }
      return try work(home)
    }
  }

  private static let needsApt =
    "These files come as a Debian package: fetch it where Debian or Ubuntu runs, or copy Graft's data folder from there."

  private func failure(_ outcome: Subprocess.Outcome) -> Failure {
    let text = outcome.output
    if text.contains("not found") && text.contains("apt-get") {
      return Failure("apt-get is not there.", cure: Self.needsApt)
    }
    if text.contains("Unable to locate package") || text.contains("No candidate version") {
      return Failure(
        "apt-get knows no package \(name).",
        cure: "Its lists may be empty or old. Type: sudo apt-get update, then: \(again)",
        details: outcome.lastLines(3))
    }
    return Failure(
      "apt-get did not fetch \(name) (status \(outcome.status)).",
      cure: "This one command needs the network. Then type: \(again)", details: outcome.lastLines())
  }
}
