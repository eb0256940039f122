import Engine
import FileSystem
import Methods
import Networks
import Options

/// Bottleneck adapters in the `adapters` library's folders: `adapter_config.json` with its settings under "config",
/// and `adapter.safetensors`, whose keys carry the adapter's name. `peft` cannot read these, nor this library `peft`'s.
enum LibraryFiles {
  /// What the library calls the weights, as safetensors and as a pickle.
  static let weightsName = "adapter.safetensors", pickleName = "pytorch_adapter.bin"
  /// The version whose form is written.
  static let version = "adapters.1.3.0"
  /// What stands for a method's name where `peft` has one.
  static let type = "adapters"

  /// Whether a configuration is the library's.
  static func isOne(_ config: JSON.Object) -> Bool {
    config["peft_type"] == nil && config["config"]?.asObject != nil
  }

  // MARK: Writing

  static func write<Method: TuningMethod>(
    _ form: LibraryForm<Method>, _ method: Method, _ attachment: Attachment, _ model: Model, to path: String,
    _ files: any Files
  ) throws -> AdapterFiles.Written {
    try checkBase(attachment, model)
    let name = attachment.name.filter { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "-" }
    let width = attachment.edits.first?.site.width.out ?? 0
    var parts: [Safetensors.Part] = []
    for (site, _) in attachment.edits {
      guard let module = form.module(of: site, in: model) else {
        throw Failure(
          "the adapters library has no place for \(site.name) in a \(model.architecture.type).",
          cure: "A session file keeps it: save FILE\(SessionFile.ending)")
      }
      for row in form.tensors {
        guard let parameter = attachment.parameter(row.own, at: site) else { continue }
        parts.append(.init("\(module).adapters.\(name).\(row.key)", parameter.value.plain))
      }
    }
    let (places, left) = try layout(attachment, model)
    var settings = JSON.Object()
    for (key, value) in try form.write(method, places, width) { settings[key] = json(value) }
    settings["leave_out"] = .array(left.map { .integer($0) })
    let config: JSON.Object = [
      "config": .object(settings), "hidden_size": .integer(width),
      "model_class": .string(model.architecture.className), "model_name": "",
      "model_type": .string(model.architecture.type), "name": .string(name), "version": .string(version),
    ]
    let head = try LibraryHead.parts(attachment, model, config)
    try files.writeFolder(
      path,
      [
        FolderPart(AdapterFolder.configName, text: try JSON.object(config).text(.huggingFace)),
        FolderPart(weightsName, try Safetensors.contents(parts)),
      ] + head)
    return .init(
      type: form.type, library: "the adapters library",
      tensors: parts.map { AdapterKey(key: $0.name, shape: $0.shape) },
      bytes: try parts.reduce(0) { try $0 + $1.byteCount() },
      notes: ["Python opens it with load_adapter of the adapters library; peft has no form for it."])
  }

  /// The library's scaling must be a fraction even where it is whole.
  private static func json(_ value: OptionValue?) -> JSON {
    if case .number(let x) = value { return .number(x) }
    return value.map { JSON($0) } ?? .null
  }

  /// Its files hold what was added, and nothing of the base.
  private static func checkBase(_ attachment: Attachment, _ model: Model) throws {
    let moved = model.directory.parameters.first { parameter in
      guard attachment.claims(parameter), !attachment.head.contains(where: { $0 === parameter }) else {
        return false
      }
      return parameter.base.map { !$0.isIdentical(to: parameter.value) } ?? false
    }
    guard let moved else { return }
    throw Failure(
      "\(attachment.name) also trained \(moved.name) of the base, which the adapters library's files cannot hold.",
      cure:
        "save adapter DIR own keeps them, in Graft's own files; attach adapter like=adapters leaves the norms alone"
    )
  }

  /// The places inside a block, the same in all blocks that have any, and the blocks that have none.
  private static func layout(_ attachment: Attachment, _ model: Model) throws -> (
    places: Set<String>, left: [Int]
  ) {
    let blocks = Dictionary(grouping: attachment.edits.map(\.site)) { $0.layer ?? -1 }
    let places = Set(attachment.edits.map(\.site.localName))
    for (block, sites) in blocks where Set(sites.map(\.localName)) != places {
      throw Failure(
        "\(attachment.name) sits in other places of block \(block) than elsewhere; the library has the same in all.",
        cure: "A session file keeps it: save FILE\(SessionFile.ending)")
    }
    return (places, Set(model.sites.compactMap(\.layer)).subtracting(blocks.keys).sorted())
  }

  // MARK: Reading

  /// Attaches an adapter from a folder; the caller takes it off again where this throws.
  static func read(_ folder: HuggingFaceFolder, onto model: Model, name: String?, files: any Files) throws
    -> AdapterFiles.Loaded
  {
    if !folder.names.contains(weightsName), folder.names.contains(pickleName) {
      var refusal = Pickle.refusal(of: Path.join(folder.path, pickleName))
      refusal.details = ["model.save_adapter(NEW, NAME, use_safetensors=True)  # with the adapters library"]
      throw refusal
    }
    let file = try Safetensors(Path.join(folder.path, weightsName), files: files)
    var first: (any Error)?
    for method in Methods.all {
      do {
        if let loaded = try read(method, folder, file, model, name, files) { return loaded }
      } catch { first = first ?? error }
    }
    throw first ?? Failure("Graft has no method of the adapters library's form.")
  }

  private static func read<Method: TuningMethod>(
    _: Method.Type, _ folder: HuggingFaceFolder, _ file: Safetensors, _ model: Model, _ name: String?,
    _ files: any Files
  ) throws -> AdapterFiles.Loaded? {
    guard let form = Method.library else { return nil }
    let place = Path.join(folder.path, AdapterFolder.configName)
    let settings = try settings(folder, place, model)
    let made: (method: Method, places: [String])
    do { made = try form.read(settings) } catch let failure as Failure {
      throw Failure("\(shown(place)): \(failure.what)", cure: failure.cure, details: failure.details)
    }
    var placement = Attachment.Placement()
    if Set(made.places) != Set(made.method.places(in: model)) { placement.on = made.places }
    let left = settings["leave_out"]?.elements.compactMap(\.asInteger) ?? []
    if !left.isEmpty {
      placement.layers = Set(model.sites.compactMap(\.layer)).subtracting(left).sorted()
      guard !placement.layers.isEmpty else {
        throw Failure("\(shown(place)): leave_out names every block, so nothing is left to attach.")
      }
    }
    let sites = try Attachment.sites(for: made.method, placement, in: model)
    let wanted = made.method.count(at: sites)
    let held = file.entries.reduce(0) { $0 + $1.count }
    guard wanted <= held || wanted < 1 << 22 else {
      throw Failure(
        "\(shown(place)) asks for \(wanted) numbers, but its file holds only \(held).",
        cure: "Its settings (reduction_factor) and its weights differ.")
    }
    placement.head = folder.names.contains(LibraryHead.weightsName)
    let attachment = try Attachment(
      made.method, to: model, name: name ?? Method.card.name, placement: placement)
    var report = try fill(attachment, form, file, model)
    if placement.head { try LibraryHead.fill(attachment, folder, model, &report, files) }
    report.difference = try AdapterFiles.probe(attachment, of: model)
    return .init(attachment: attachment, report: report)
  }

  /// The settings under "config"; throws where they are for another kind of model.
  private static func settings(_ folder: HuggingFaceFolder, _ place: String, _ model: Model) throws
    -> [String: OptionValue]
  {
    let type = folder.config["model_type"]?.asString
    if let type, type != model.architecture.type {
      throw Failure(
        "\(shown(place)): it is for a model of the type \(shown(type)), and this is a \(model.architecture.type).",
        cure: "Open the base that it was made for.")
    }
    let width = model.size(model.architecture.sizes.width)
    if let size = folder.config["hidden_size"]?.asInteger, let width, size != width {
      throw Failure(
        "\(shown(place)): hidden_size is \(size), but this model has a width of \(width).",
        cure: "Open the base that it was made for.")
    }
    var settings: [String: OptionValue] = [:]
    for member in folder.config["config"]?.asObject?.members ?? [] {
      settings[member.key] = OptionValue(member.value)
      guard case .object = member.value else { continue }
      throw Failure(
        "\(shown(place)): \(member.key) differs by block, which adapter here does not hold.",
        cure: "Use it in Python, where the adapters library has it.")
    }
    if let kind = settings["architecture"]?.asText {
      throw Failure(
        "\(shown(place)): it holds a \(kind) of the adapters library; Graft reads its bottleneck adapters.",
        cure: "For LoRA, IA3, prefix and prompt tuning use peft's files.")
    }
    return settings
  }

  /// Fills all parameters by module and key, whatever the adapter was called there; throws for what is missing.
  private static func fill<Method>(
    _ attachment: Attachment, _ form: LibraryForm<Method>, _ file: Safetensors, _ model: Model
  ) throws -> AdapterReport {
    var places: [String: Safetensors.Entry] = [:]
    for entry in file.entries { places[plain(entry.name)] = entry }
    var report = AdapterReport(), found: [(parameter: Parameter, entry: Safetensors.Entry)] = []
    var missing: [String] = []
    for (site, _) in attachment.edits {
      guard let module = form.module(of: site, in: model) else { continue }
      for row in form.tensors {
        guard let parameter = attachment.parameter(row.own, at: site) else { continue }
        // A bare model (GPT2Model) lacks the prefix of the one with a head.
        let whole = "\(module).\(row.key)", bare = whole.drop { $0 != "." }.dropFirst()
        guard let entry = places[whole] ?? places[String(bare)] else {
          missing.append("\(module).adapters.*.\(row.key)")
          continue
        }
        found.append((parameter, entry))
      }
    }
    guard missing.isEmpty, !found.isEmpty else {
      throw Failure(
        "\(shown(file.path)) lacks \(missing.count) tensors, such as \(missing.first ?? "any of this model's").",
        cure: "Its settings and its weights differ, or it was made for another base.",
        details: file.entries.prefix(3).map { "the file has: \(shown($0.name)) \($0.shape)" })
    }
    for (parameter, entry) in found {
      guard entry.shape == parameter.shape else {
        throw Failure(
          "\(shown(file.path)): \(shown(entry.name)) is \(entry.shape), but \(parameter.name) is \(parameter.shape).",
          cure: "Its settings (reduction_factor) and its weights differ, or it was made for another base.")
      }
    }
    for (parameter, entry) in found {
      parameter.value = try file.tensor(entry)
      report.isFinite = report.isFinite && parameter.value.isFinite
      report.matched.append(AdapterKey(key: entry.name, shape: entry.shape))
      report.count += parameter.count
    }
    let used = Set(found.map(\.entry.name))
    report.unexpected = file.entries.filter { !used.contains($0.name) }.map {
      AdapterKey(key: $0.name, shape: $0.shape)
    }
    report.type = form.type
    return report
  }

  /// A key without `.adapters.NAME`.
  private static func plain(_ key: String) -> String {
    var parts = key.split(separator: ".", omittingEmptySubsequences: false)
    if let at = parts.lastIndex(of: "adapters"), at + 1 < parts.count { parts.removeSubrange(at...at + 1) }
    return parts.joined(separator: ".")
  }
}
