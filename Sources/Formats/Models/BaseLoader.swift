import Engine
import FileSystem
import Networks
import Options

/// Reads the tensors of a base by their Hugging Face names, after checking all names and shapes.
struct BaseLoader {
  let form: any BaseForm
  let files: ShardedTensors
  let path: String
  let keep: Storage.Format
  var report = BaseFolder.Report()

  init(_ form: any BaseForm, _ files: ShardedTensors, path: String, keep: Storage.Format = .f32) {
    self.form = form
    self.files = files
    self.path = path
    self.keep = keep
  }

  private var architecture: Architecture { form.architecture }

  /// The tensors by our names, [out, in] and f32, or in four bits where the file has them so. With `isNewTask` those
  /// of the task are left out, to be drawn by chance; a file that has none of them has the same.
  mutating func load(isNewTask: Bool) throws -> [String: Tensor] {
    var homes = try sort()
    let task = form.shapes.map(\.name).filter(form.isOfTask)
    for part in Set(task.map { BaseLoader.split($0).module }).sorted() {
      let names = task.filter { BaseLoader.split($0).module == part }
      let isReplaced = isNewTask && part == "head"
      guard isReplaced || names.allSatisfy({ homes[$0] == nil }) else { continue }
      for name in names { homes.removeValue(forKey: name).map { report.ignored.append($0) } }
      report.drawn += names
    }
    let shapes = form.shapes.filter { !report.drawn.contains($0.name) }
    let missing = shapes.filter { homes[$0.name] == nil }.map { foreign($0.name) }
    guard missing.isEmpty else { throw lacking(missing, of: shapes.count) }
    for (name, shape) in shapes { try check(name, shape, homes) }
    var tensors: [String: Tensor] = [:], formats: Set<DType> = []
    for (name, shape) in shapes {
      guard let key = homes[name] else { continue }
      let entry = try files.find(key).entry
      tensors[name] = try tensor(name, key, shape)
      formats.insert(entry.dtype)
      report.tensors += 1
      report.bytes += entry.range.count
    }
    report.formats = DType.allCases.filter(formats.contains).map(\.rawValue)
    try checkTied(homes)
    return tensors
  }

  private func tensor(_ name: String, _ key: String, _ shape: [Int]) throws -> Tensor {
    if let state = state(of: key) { return try FourBitFiles.read(key, state: state, find: files.find) }
    let (file, entry) = try files.find(key), format = BaseLoader.format(shape, keep)
    let tensor = try file.tensor(entry, packed: format == entry.dtype.format)
    let turned = architecture.isTransposed(name) ? try tensor.transposed() : try tensor.reshaped(shape)
    return turned.packed(as: format)
  }

  /// How the numbers of a shape are kept: matrices as asked for, vectors always as float32.
  static func format(_ shape: [Int], _ keep: Storage.Format) -> Storage.Format {
    shape.count > 1 ? keep : .f32
  }

  private func state(of key: String) -> String? {
    FourBitFiles.stateKey(of: key, files.has)
  }

  /// Where a parameter's numbers can be read again: large files are mapped, so that only those numbers come in.
  func source(of name: String, _ files: any Files) -> Source {
    let (form, path, keep) = (form, path, keep)
    let again: any Files = files is DiskFiles ? DiskFiles(mapsAbove: 0) : files
    return Source(shown(path)) {
      var loader = BaseLoader(form, try ShardedTensors(folder: path, files: again), path: path, keep: keep)
      guard let key = try loader.sort()[name],
        let shape = form.shapes.first(where: { $0.name == name })?.shape
      else { throw Failure("\(shown(path)) has no \(name) any more.") }
      return try loader.tensor(name, key, shape)
    }
  }

  /// The file's name of each of our parameters; what is none of them goes into the report.
  private mutating func sort() throws -> [String: String] {
    let wanted = Set(form.shapes.map(\.name)), tied = Set(architecture.tied.map(\.own))
    var homes: [String: String] = [:]
    for key in files.names {
      if form.isBuffer(key) {
        report.ignored.append(key)
      } else if let packed = FourBitFiles.subject(of: key), files.has(packed) {
        continue  // how another tensor is packed
      } else if let own = architecture.ownName(key), wanted.contains(own) || tied.contains(own) {
        if let other = homes.updateValue(key, forKey: own) {
          throw Failure(
            "\(shown(path)): the names \(shown(other)) and \(shown(key)) mean the same tensor.",
            cure: "Remove one of them.")
        }
        if tied.contains(own) { report.ignored.append(key) }
      } else {
        report.unknown.append(key)
      }
    }
    report.unknown += files.unlisted
    return homes
  }

  /// Checks a tensor's format and shape, as the file has it.
  private func check(_ name: String, _ shape: [Int], _ homes: [String: String]) throws {
    guard let key = homes[name] else { return }
    let entry = try files.find(key).entry
    let state = try state(of: key).map { try FourBitFiles.shape(state: $0, find: files.find) ?? [] }
    let wanted = state == nil ? form.fileShape(name, shape) : shape
    guard (state ?? entry.shape) == wanted else {
      throw Failure(
        "\(shown(path)): \(shown(key)) is \(state ?? entry.shape), but config.json asks for \(wanted).",
        cure: "The configuration and the weights belong to different models: fetch both again.")
    }
  }

  /// A copy of a tied weight must be a copy: a head of its own would be lost in silence.
  private func checkTied(_ homes: [String: String]) throws {
    for (own, shares) in architecture.tied {
      guard let key = homes[own], let home = homes[shares] else { continue }
      guard try files.areCopies(key, home) else {
        throw Failure(
          "\(shown(path)): \(shown(key)) differs from \(shown(home)), which it is tied to.",
          cure: "If it is a head of its own, set tie_word_embeddings to false in config.json.")
      }
    }
  }

  private func foreign(_ name: String) -> String { architecture.fileName(name) ?? name }

  private func lacking(_ missing: [String], of count: Int) -> Failure {
    let first = missing.prefix(5).joined(separator: " ") + (missing.count > 5 ? " …" : "")
    let held = files.names.prefix(5).map { shown($0) }
    return Failure(
      "\(shown(path)) lacks \(missing.count) of the \(count) tensors that config.json asks for: \(first)",
      cure: "Fetch the weights and config.json again, from one place.",
      details: held.isEmpty ? ["It holds no tensors."] : wrapped(held, prefix: "It holds: "))
  }

  /// A parameter's module and leaf: `blocks.0.attn.qkv`, `weight`.
  static func split(_ name: String) -> (module: String, leaf: String) {
    guard let dot = name.lastIndex(of: ".") else { return ("", name) }
    return (String(name[..<dot]), String(name[name.index(after: dot)...]))
  }
}
