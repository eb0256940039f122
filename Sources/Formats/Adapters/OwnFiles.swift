import Engine
import FileSystem
import Methods
import Networks
import Options

/// Attachments in Graft's own pair of files, for methods that neither `peft` nor the `adapters` library has a form for:
/// `graft_adapter.json`, with method, options and places by their names here, and `graft_adapter.safetensors`.
enum OwnFiles {
  static let configName = "graft_adapter.json", weightsName = "graft_adapter.safetensors"
  /// What stands for a library's name of a method.
  static let type = "graft"
  /// What the configuration says of its form.
  static let form = "graft adapter, form 1"
  /// What stands before the name of a parameter of the base that the method trained.
  private static let base = "base."

  // MARK: Writing

  static func write<Method: TuningMethod>(
    _ method: Method, _ attachment: Attachment, _ model: Model, to path: String, _ files: any Files
  ) throws -> AdapterFiles.Written {
    guard !attachment.isFolded else {
      throw Failure(
        "\(attachment.name) is merged; its own files hold it beside the weights.",
        cure: "unmerge \(attachment.name), or save model DIR")
    }
    var parts: [Safetensors.Part] = []
    for (parameter, key) in keys(attachment) { parts.append(.init(key, parameter.value.plain)) }
    for parameter in model.directory.parameters where attachment.claims(parameter) {
      guard let before = parameter.base, !before.isIdentical(to: parameter.value) else { continue }
      parts.append(.init(base + parameter.name, parameter.value.plain))
    }
    let options = Method.options.map { ($0.name, JSON($0.read(method))) }
    let placement = attachment.placement
    let config: JSON.Object = [
      "form": .string(form), "method": .string(Method.card.name), "options": .object(JSON.Object(options)),
      "on": .array(placement.on.map { .string($0) }),
      "layers": .array(placement.layers.map { .integer($0) }),
      "model_type": .string(model.architecture.type),
    ]
    try files.writeFolder(
      path,
      [
        FolderPart(configName, text: try JSON.object(config).text(.huggingFace)),
        FolderPart(weightsName, try Safetensors.contents(parts)),
      ])
    return .init(
      type: Method.card.name, library: "Graft",
      tensors: parts.map { AdapterKey(key: $0.name, shape: $0.shape) },
      bytes: try parts.reduce(0) { try $0 + $1.byteCount() },
      notes: [
        Method.foreign == nil && Method.library == nil
          ? "In Graft's own files: Python's libraries have no form for \(Method.card.name)."
          : "In Graft's own files, which Python's libraries do not read."
      ])
  }

  /// The attachment's parameters under the names of their places, without its own name.
  private static func keys(_ attachment: Attachment) -> [(parameter: Parameter, key: String)] {
    attachment.parameters.map { parameter in
      for (site, _) in attachment.edits {
        let path = site.kind == .entry ? attachment.name : site.name + "." + attachment.name
        guard parameter.name.hasPrefix(path + ".") else { continue }
        return (parameter, site.name + parameter.name.dropFirst(path.count))
      }
      return (parameter, parameter.name)
    }
  }

  // MARK: Reading

  /// Attaches what a folder holds; the caller takes it off again where this throws.
  static func read(_ folder: HuggingFaceFolder, onto model: Model, name: String?, files: any Files) throws
    -> AdapterFiles.Loaded
  {
    let place = Path.join(folder.path, configName), config = folder.config
    guard config["form"]?.asString == form else {
      throw Failure(
        "\(shown(place)) is not of a form that this Graft reads.", cure: "It may be of a later one.")
    }
    let type = config["model_type"]?.asString ?? ""
    guard type == model.architecture.type else {
      throw Failure(
        "\(shown(place)): it is for a model of the type \(shown(type)), and this is a \(model.architecture.type).",
        cure: "Open the base that it was made for.")
    }
    let file = try Safetensors(Path.join(folder.path, weightsName), files: files)
    do {
      return try read(Methods.named(config["method"]?.asString ?? ""), config, file, model, name)
    } catch let failure as Failure {
      throw Failure("\(shown(folder.path)): \(failure.what)", cure: failure.cure, details: failure.details)
    }
  }

  private static func read<Method: TuningMethod>(
    _: Method.Type, _ config: JSON.Object, _ file: Safetensors, _ model: Model, _ name: String?
  ) throws -> AdapterFiles.Loaded {
    var method = Method(), placement = Attachment.Placement()
    for member in config["options"]?.asObject?.members ?? [] {
      guard let value = OptionValue(member.value) else { throw Failure("\(member.key) has no value.") }
      if value == .text("") || value == .list([]) { continue }
      try Method.options.write([(member.key, value)], into: &method, of: Method.card.name)
    }
    placement.on = config["on"]?.asArray?.compactMap(\.asString) ?? []
    placement.layers = config["layers"]?.asArray?.compactMap(\.asInteger) ?? []
    let wanted = method.count(at: try Attachment.sites(for: method, placement, in: model))
    let held = file.entries.reduce(0) { $0 + $1.count }
    guard wanted <= held else {
      throw Failure("it asks for \(wanted) numbers, and its file holds \(held).", cure: "Save it again.")
    }
    let attachment = try Attachment(
      method, to: model, name: name ?? Method.card.name, placement: placement)
    return .init(attachment: attachment, report: try fill(attachment, file, model))
  }

  private static func fill(_ attachment: Attachment, _ file: Safetensors, _ model: Model) throws
    -> AdapterReport
  {
    var report = AdapterReport(), places: [String: Parameter] = [:]
    for (parameter, key) in keys(attachment) { places[key] = parameter }
    for parameter in model.directory.parameters where attachment.claims(parameter) {
      places[base + parameter.name] = parameter
    }
    let names = Set(file.entries.map(\.name))
    if let missing = keys(attachment).first(where: { !names.contains($0.key) }) {
      throw Failure("\(weightsName) lacks \(missing.key).", cure: "It is incomplete, or for another base.")
    }
    for entry in file.entries {
      guard let parameter = places[entry.name] else {
        report.unexpected.append(AdapterKey(key: entry.name, shape: entry.shape))
        continue
      }
      guard parameter.shape == entry.shape else {
        throw Failure(
          "\(shown(entry.name)) is \(entry.shape), but \(parameter.name) is \(parameter.shape).",
          cure: "It was made for another base.")
      }
      parameter.value = try file.tensor(entry)
      report.isFinite = report.isFinite && parameter.value.isFinite
      report.matched.append(AdapterKey(key: entry.name, shape: entry.shape))
      report.count += entry.count
    }
    func title<M: TuningMethod>(_: M) -> String { M.card.name }
    report.type = title(attachment.method)
    report.difference = try AdapterFiles.probe(attachment, of: model)
    return report
  }
}
