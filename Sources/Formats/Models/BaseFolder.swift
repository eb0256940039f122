import Data
import Engine
import FileSystem
import Networks
import Options

/// A base model that was opened from a Hugging Face folder: `config.json`, `model.safetensors` (or shards),
/// and `tokenizer.json` where it is there.
public struct BaseFolder {
  /// What was read, and what was not.
  public struct Report: Sendable, Equatable {
    /// How many tensors were read.
    public var tensors = 0
    /// How many bytes they have in the file.
    public var bytes = 0
    /// Their number formats in the file: `F32`.
    public var formats: [String] = []
    /// Names in the file that are known and not needed: masks, a copy of a tied weight.
    public var ignored: [String] = []
    /// Parameters of the task, by our names, that the file does not have: they are drawn by chance.
    public var drawn: [String] = []
    /// Names in the file that the model has no place for.
    public var unknown: [String] = []
    /// Sentences on what was left out, such as a tokenizer that cannot be read.
    public var notes: [String] = []
  }

  /// What opening a base will take, from its configuration alone.
  public struct Footprint: Sendable, Equatable {
    /// Numbers in all parameters.
    public var parameters: Int
    /// Bytes that they take in memory, as f32.
    public var bytes: Int
    /// Bytes of the files with the weights.
    public var fileBytes: Int
  }

  /// The folder.
  public let path: String
  /// The model; its words come from the tokenizer.
  public let model: Model
  /// The tokenizer, where the folder has one that can be read.
  public let tokenizer: (any Tokenizer)?
  /// What was read.
  public let report: Report

  /// Opens a folder, or a GGUF file. Weights become f32, or their matrices what `keep` says, where a mapped file of that
  /// format is used in place; but for those in four bits, which stay as they are; every name and shape is
  /// checked before the model is built.
  ///
  /// With `head` the model gets that head anew, whatever head the file has. Where the file has
  /// none that answers with classes, and the architecture has no other, a head is drawn too, and the report says so.
  ///
  /// With `size` a vision model reads pictures of so many pixels a side, its table of positions resampled.
  ///
  /// Throws for architectures and switches that Graft does not compute, by the key, for tensors that are
  /// missing or have another shape than the configuration asks for, and for damaged files.
  public init(
    _ path: String, head: NewHead? = nil, size: Int? = nil, keep: Storage.Format = .f32, chance: Chance,
    files: any Files = .disk
  ) throws {
    if let gguf = try GGUFBase.path(path, files) {
      if size != nil { throw Self.readsNoPictures(path) }
      self = try BaseFolder(gguf: gguf, head: head, keep: keep, chance: chance, files: files)
    } else {
      self = try BaseFolder(
        folder: path, head: head, size: size, keep: keep, chance: chance, files: files)
    }
  }

  private init(
    folder path: String, head: NewHead?, size: Int?, keep: Storage.Format, chance: Chance, files: any Files
  ) throws {
    try files.recoverFolder(path)
    let folder = try HuggingFaceFolder(path, files: files)
    let (said, rounds) = try BaseFolder.form(of: folder, head)
    let shards = try ShardedTensors(folder: folder.path, files: files)
    var form: any BaseForm = try said.following(shards)
    var loader = BaseLoader(form, shards, path: folder.path, keep: keep)
    var tensors = try loader.load(isNewTask: head != nil), resampled: Set<String> = []
    if let size {
      guard let seeing = form as? ViT.Form else { throw Self.readsNoPictures(folder.path) }
      let sized = try seeing.sized(size)
      if let table = tensors[ViT.Form.positionName], sized.patches != seeing.patches {
        tensors[ViT.Form.positionName] = try ViT.positions(table.plain, side: sized.size / sized.patch)
        resampled.insert(ViT.Form.positionName)
        loader.report.notes.append(seeing.told(sized))
      }
      form = sized
    }
    model = try form.model(chance: chance) { name, _ in tensors[name]?.rounding(rounds ?? false) }
    for parameter in model.directory.parameters
    where parameter.value.packing == nil && tensors[parameter.name] != nil
      && !resampled.contains(parameter.name)
    {
      parameter.source = loader.source(of: parameter.name, files)
    }
    self.path = folder.path
    tokenizer = BaseFolder.tokenizer(folder, files, model, &loader.report)
    if !loader.report.drawn.isEmpty {
      loader.report.notes.append(
        "New and random, as the file has none: \(loader.report.drawn.joined(separator: " ")).")
    }
    report = loader.report
    if let tokenizer {
      model.words = Words(encode: { try tokenizer.encodeWhole($0) }, decode: { tokenizer.decode($0) })
    }
  }

  private static func readsNoPictures(_ path: String) -> Failure {
    Failure("\(shown(path)) holds no vision transformer, and size= is for those.", cure: "Leave out size=")
  }

  /// A base from its parts.
  init(path: String, model: Model, tokenizer: (any Tokenizer)?, report: Report) {
    (self.path, self.model, self.tokenizer, self.report) = (path, model, tokenizer, report)
  }

  /// What opening a folder will take, without opening the weights.
  public static func footprint(
    _ path: String, head: NewHead? = nil, keep: Storage.Format = .f32, files: any Files = .disk
  ) throws -> Footprint {
    if let gguf = try GGUFBase.path(path, files) {
      return try footprint(gguf: gguf, head: head, keep: keep, files: files)
    }
    let folder = try HuggingFaceFolder(path, files: files)
    let (form, rounds) = try form(of: folder, head)
    let count = form.shapes.reduce(0) { $0 + $1.shape.reduce(1, *) }
    let weights = folder.names.filter { $0.hasPrefix("model") && $0.hasSuffix(".safetensors") }
    let bytes = try weights.reduce(0) { try $0 + files.size(of: Path.join(folder.path, $1)) }
    let need = memory(of: form.shapes, keep)
    return Footprint(parameters: count, bytes: rounds == nil ? need : bytes, fileBytes: bytes)
  }

  /// Bytes that parameters of some shapes take.
  static func memory(of shapes: [(name: String, shape: [Int])], _ keep: Storage.Format) -> Int {
    shapes.reduce(0) { $0 + BaseLoader.format($1.shape, keep).bytes($1.shape.reduce(1, *)) }
  }

  /// The form, and for weights in four bits whether products round to bfloat16.
  private static func form(
    of folder: HuggingFaceFolder, _ head: NewHead?
  ) throws -> (form: any BaseForm, rounds: Bool?) {
    try folder.requireBase()
    guard case .base(let type) = folder.kind else { throw Failure("\(shown(folder.path)) is no base.") }
    return try form(of: type, folder.config, path: Path.join(folder.path, "config.json"), head)
  }

  /// The same, of a configuration.
  static func form(
    of type: String, _ config: JSON.Object, path: String, _ head: NewHead?
  ) throws -> (form: any BaseForm, rounds: Bool?) {
    guard let form = BaseForms.named(type) else {
      let types = BaseForms.all.flatMap { $0.modelTypes }, known = types.joined(separator: " ")
      let near = nearest(to: type, among: types).map { "Did you mean \($0)? " } ?? ""
      throw Failure(
        "\(shown(path)): Graft has no architecture \(shown(type)).",
        cure: "\(near)It opens models of: \(known)")
    }
    var config = config
    let rounds = try FourBitConfig.take(from: &config, path: path)
    return (try form.init(config: BaseConfig(config, path: path)).with(head), rounds)
  }

  /// The tokenizer; where it cannot be read, the reason goes into the notes, since ids still work.
  static func tokenizer(
    _ folder: HuggingFaceFolder, _ files: any Files, _ model: Model, _ report: inout Report
  ) -> (any Tokenizer)? {
    guard model.network.reads == .tokens else { return nil }
    var source = "tokenizer.json"
    do {
      let home = try TokenizerFolder(folder.path, files: files)
      guard let found = home.source else {
        report.notes.append("There is no tokenizer.json: the model reads ids, not text.")
        return nil
      }
      source = found
      let tokenizer = try home.open()
      let rows = model.size("vocab_size") ?? .max
      if tokenizer.vocabularySize > rows {
        throw Failure("it has \(tokenizer.vocabularySize) tokens, the model only \(rows)")
      }
      // The tokenizer's file does not say which token ends a text; the model's configuration does.
      guard var pipeline = tokenizer as? PipelineTokenizer else { return tokenizer }
      if let end = folder.config["eos_token_id"]?.asInteger, (0..<pipeline.vocabularySize).contains(end) {
        pipeline.endOfText = end
      }
      return pipeline
    } catch {
      let reason = (error as? Failure)?.what ?? "\(error)"
      report.notes.append("\(source) was left out: \(reason)")
      return nil
    }
  }
}
