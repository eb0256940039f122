import Engine
import FileSystem
import Methods
import Networks
import Options

/// Attachments in Python `peft`'s files: written from the `foreign` form that a method gives of itself, and
/// read back onto a model.
public enum AdapterFiles {
  /// What a folder was written with.
  public struct Written: Sendable, Equatable {
    /// `peft`'s name of the method, `LORA`, or what the `adapters` library calls it.
    public var type: String
    /// Whose files these are.
    public var library = "peft"
    /// The keys of the file and the shapes under them.
    public var tensors: [AdapterKey]
    /// Bytes of the weights.
    public var bytes: Int
    /// Sentences on how the file differs in form from what is attached.
    public var notes: [String]
  }

  /// An adapter that was read onto a model.
  public struct Loaded {
    /// It, in its place.
    public let attachment: Attachment
    /// What was matched and what not.
    public let report: AdapterReport
  }

  /// Writes an attachment as a folder that `peft` opens with every key matched, all or nothing; or the `adapters`
  /// library, where that has the method; or Graft alone, where neither has it or `isOwn` asks for it.
  ///
  /// Throws for what adds nothing to the base, and for places that the library's files cannot name.
  @discardableResult
  public static func write(
    _ attachment: Attachment, of model: Model, to path: String, isOwn: Bool = false, files: any Files = .disk
  ) throws -> Written {
    func own<Method: TuningMethod>(_ method: Method) throws -> Written? {
      let isHomeless = Method.foreign == nil && Method.library == nil && !attachment.edits.isEmpty
      return isOwn || isHomeless ? try OwnFiles.write(method, attachment, model, to: path, files) : nil
    }
    return try own(attachment.method) ?? write(attachment.method, attachment, model, path, files)
  }

  private static func write<Method: TuningMethod>(
    _ method: Method, _ attachment: Attachment, _ model: Model, _ path: String, _ files: any Files
  ) throws -> Written {
    if let form = Method.library {
      return try LibraryFiles.write(form, method, attachment, model, to: path, files)
    }
    let name = Method.card.name, cure = "A session file keeps it: save FILE\(SessionFile.ending)"
    guard let form = Method.foreign else { throw Failure("peft has no form for \(name).", cure: cure) }
    if let reason = form.refuses(method) {
      throw Failure("peft's \(form.type) cannot hold this \(name): \(reason)", cure: cure)
    }
    let content = try AdapterContent(form, method, attachment, model)
    let parts = content.tensors.map { Safetensors.Part($0.key, $0.value) }
    try AdapterFolder.write(config: content.config, parts, to: path, files: files)
    return Written(
      type: form.type,
      tensors: content.tensors.map { AdapterKey(key: $0.key, shape: $0.value.shape) },
      bytes: try parts.reduce(0) { try $0 + $1.byteCount() }, notes: content.notes)
  }

  /// Attaches an adapter from a folder. Whatever fails, the model is then as it was.
  ///
  /// The attachment is named `name`, or after its method. Throws for methods and settings that Graft does not
  /// have, by the key; for keys that are missing and for wrong shapes, by the tensor; with `mustChange` for an
  /// adapter that changes no logit.
  public static func read(
    _ path: String, onto model: Model, name: String? = nil, mustChange: Bool = false, files: any Files = .disk
  ) throws -> Loaded {
    let before = model.attachments
    do {
      let loaded = try read(path, onto: model, name: name, files)
      guard mustChange, loaded.report.difference == 0 else { return loaded }
      throw Failure(
        "\(shown(path)) changes no logit: it was saved before it was trained, or belongs to another base.",
        cure: "See what is in it: inspect \(path). To load it all the same: allow=unchanged")
    } catch {
      for added in model.attachments where !before.contains(where: { $0 === added }) {
        try? added.detach(from: model)  // the first error is the one to report
      }
      throw error
    }
  }

  private static func read(_ path: String, onto model: Model, name: String?, _ files: any Files) throws
    -> Loaded
  {
    let folder = try HuggingFaceFolder(path, files: files)
    switch folder.kind {
    case .adapter(LibraryFiles.type):
      return try LibraryFiles.read(folder, onto: model, name: name, files: files)
    case .adapter(OwnFiles.type): return try OwnFiles.read(folder, onto: model, name: name, files: files)
    default: break
    }
    let settings = AdapterSettings(try AdapterFolder(path, files: files))
    return try attach(settings.method(), settings, model, name)
  }

  private static func attach<Method: TuningMethod>(
    _ method: Method, _ settings: AdapterSettings, _ model: Model, _ name: String?
  ) throws -> Loaded {
    guard let form = Method.foreign else { throw Failure("peft has no form for \(Method.card.name).") }
    var notes: [String] = []
    var placement = try settings.placement(of: method, in: model, isPerSite: form.isPerSite, &notes)
    placement.head = try settings.bringsHead(for: model)
    try settings.checkBase(model)
    try settings.checkTable(of: form, model)
    try settings.checkSize(method, placement, model)
    notes += try settings.leftovers(of: form, model)
    let attachment = try Attachment(method, to: model, name: name ?? Method.card.name, placement: placement)
    try settings.checkCovered(placement, by: attachment, model)
    let head = AdapterHead.wanted(attachment.head, of: model)
    let filling = AdapterFilling(settings.folder, form.isPerSite, model)
    var report = try filling.fill(attachment, form, head, model)
    report.type = form.type
    report.difference = try probe(attachment, of: model)
    report.notes = notes + report.notes
    return Loaded(attachment: attachment, report: report)
  }

  /// The largest difference that an attachment makes to any logit of a probe: eight tokens spread over the
  /// vocabulary, run with it and without it.
  public static func probe(_ attachment: Attachment, of model: Model) throws -> Float {
    let context = model.size(model.architecture.sizes.context) ?? 8
    let wasOn = attachment.isOn
    defer { attachment.isOn = wasOn }
    func logits(_ count: Int, isOn: Bool) throws -> Tensor {
      attachment.isOn = isOn
      return try model.logits(model.sample(count), Pass())
    }
    func difference(_ count: Int) throws -> Float {
      try logits(count, isOn: true).largestDifference(from: logits(count, isOn: false))
    }
    do {
      // Positions that the method adds may leave room for one token only.
      return try (try? difference(max(1, min(8, context)))) ?? difference(1)
    } catch let error as EngineError {
      throw Failure(
        "the adapter does not run on this model: \(error)", cure: "Open the base it was made for.")
    }
  }
}
