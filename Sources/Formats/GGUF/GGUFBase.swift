import Data
import Engine
import FileSystem
import Networks
import Options

/// A GGUF file as a base model: its sizes, and its tensors by Hugging Face's names.
struct GGUFBase {
  let file: GGUF
  let names: GGUFNames
  let config: JSON.Object
  let form: any BaseForm
  let keep: Storage.Format

  /// Opens a file; throws for architectures that Graft does not have.
  init(_ path: String, head: NewHead?, keep: Storage.Format = .f32, files: any Files) throws {
    self.keep = keep
    file = try GGUF(path, files: files)
    names = try GGUFNames.of(file)
    config = try names.config(file)
    guard let known = BaseForms.named(names.modelType) else {
      throw Failure(
        "Graft has no architecture \(names.modelType).", cure: "It opens \(shown(path)) in a later version.")
    }
    form = try known.init(config: BaseConfig(config, path: path)).with(head)
  }

  /// The GGUF file that a path means: itself, or the only one in a folder without safetensors.
  static func path(_ path: String, _ files: any Files) throws -> String? {
    switch try files.kind(at: path) {
    case .file: return path.hasSuffix(".gguf") ? path : nil
    case .folder:
      let folder = try HuggingFaceFolder(path, files: files)
      guard case .gguf(let name) = folder.weights else { return nil }
      return Path.join(folder.path, name)
    default: return nil
    }
  }

  /// Bytes of all tensors as they stand in the file.
  var fileBytes: Int { file.bytes.count }

  /// The tensors by our names; those of a new task are left out, to be drawn by chance.
  func load(isNewTask: Bool, _ report: inout BaseFolder.Report) throws -> [String: Tensor] {
    var tensors: [String: Tensor] = [:], formats: Set<String> = [], used: Set<String> = ["rope_freqs.weight"]
    var missing: [String] = []
    for (name, shape) in form.shapes {
      if form.isOfTask(name) {
        report.drawn.append(name)
        continue
      }
      guard let entry = entry(name) else {
        missing.append(name)
        continue
      }
      tensors[name] = try tensor(name, shape)
      formats.insert(entry.type.name)
      used.insert(entry.name)
      report.tensors += 1
      report.bytes += entry.range.count
    }
    guard missing.isEmpty else {
      let first = missing.prefix(5).joined(separator: " ") + (missing.count > 5 ? " …" : "")
      throw Failure(
        "\(shown(file.path)) lacks \(missing.count) of the \(form.shapes.count) tensors of its sizes: \(first)",
        cure: "Fetch the file again.")
    }
    report.formats = GGUFType.all.map(\.name).filter(formats.contains)
    report.unknown = file.entries.map(\.name).filter { !used.contains($0) }
    return tensors
  }

  private func entry(_ name: String) -> GGUF.Entry? {
    form.architecture.fileName(name).flatMap(GGUFNames.own).flatMap { file[$0] }
  }

  /// The tensor of one of our names, its rows in Hugging Face's order.
  func tensor(_ name: String, _ shape: [Int]) throws -> Tensor {
    guard let entry = entry(name), let foreign = form.architecture.fileName(name) else {
      throw Failure("\(shown(file.path)) has no \(name).")
    }
    guard entry.shape == shape || entry.shape == form.fileShape(name, shape) else {
      throw Failure(
        "\(shown(file.path)): \(shown(entry.name)) is \(entry.shape), but its sizes ask for \(shape).",
        cure: "Fetch the file again.")
    }
    let format = BaseLoader.format(shape, keep)
    let tensor = try file.tensor(entry, packed: entry.type == .plain(format))
    guard let heads = names.heads(foreign, config), heads > 0, let rows = shape.first, rows % (2 * heads) == 0
    else {
      return try tensor.reshaped(shape).packed(as: format)
    }
    let rest = shape.dropFirst().reduce(1, *)
    return try tensor.reshaped([heads, rows / heads / 2, 2, rest]).permuted([0, 2, 1, 3]).reshaped(shape)
      .packed(
        as: format)
  }
}

extension BaseFolder {
  /// Opens a GGUF file: weights are unpacked to float32, the tokenizer is the one inside.
  init(gguf path: String, head: NewHead?, keep: Storage.Format, chance: Chance, files: any Files) throws {
    let base = try GGUFBase(path, head: head, keep: keep, files: files)
    var report = Report()
    let tensors = try base.load(isNewTask: head != nil, &report)
    let model = try base.form.model(chance: chance) { name, _ in tensors[name] }
    for parameter in model.directory.parameters where tensors[parameter.name] != nil {
      let (name, shape) = (parameter.name, parameter.shape)
      parameter.source = Source(shown(path)) {
        try GGUFBase(path, head: head, keep: keep, files: files).tensor(name, shape)
      }
    }
    if !report.drawn.isEmpty {
      report.notes.append("New and random, as the file has none: \(report.drawn.joined(separator: " ")).")
    }
    var tokenizer: (any Tokenizer)?
    do {
      tokenizer = try base.file.tokenizer()
      if tokenizer == nil {
        report.notes.append("There is no tokenizer in it: the model reads ids, not text.")
      }
    } catch let failure as Failure { report.notes.append("Its tokenizer was left out: \(failure.what)") }
    if let tokenizer {
      model.words = Words(encode: { try tokenizer.encodeWhole($0) }, decode: { tokenizer.decode($0) })
    }
    self.init(path: path, model: model, tokenizer: tokenizer, report: report)
  }

  /// What opening a GGUF file will take.
  static func footprint(
    gguf path: String, head: NewHead?, keep: Storage.Format, files: any Files
  ) throws -> Footprint {
    let base = try GGUFBase(path, head: head, files: files)
    let count = base.form.shapes.reduce(0) { $0 + $1.shape.reduce(1, *) }
    return Footprint(parameters: count, bytes: memory(of: base.form.shapes, keep), fileBytes: base.fileBytes)
  }
}
