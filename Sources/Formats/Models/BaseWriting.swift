import Data
import Engine
import FileSystem
import Networks
import Options

extension BaseFolder {
  /// What a folder was written with.
  public struct Written: Sendable, Equatable {
    /// How many tensors.
    public var tensors: Int
    /// Bytes of the weights.
    public var bytes: Int
    /// The files, by name.
    public var names: [String]
    /// Sentences on what was left out or folded in.
    public var notes: [String] = []
  }

  /// Writes a model as a folder that `transformers` opens, all or nothing.
  ///
  /// What is attached and not merged has no place in a base: it is refused, or with `merged` its folded
  /// weights are written and the model stays as it is.
  @discardableResult
  public static func write(
    _ model: Model, tokenizer: (any Tokenizer)? = nil, to path: String, as format: Storage.Format = .f32,
    merged: Bool = false, files: any Files = .disk
  ) throws -> Written {
    guard !model.isBlank else { throw Model.isBlankFailure("write") }
    let state = model.state
    defer { if merged { model.restore(state) } }
    var notes: [String] = []
    for attachment in model.attachments where !attachment.isFolded && !attachment.edits.isEmpty {
      guard merged else { throw unmerged(attachment.name) }
      guard attachment.isOn else { continue }
      try attachment.fold(model)
      notes.append("\(attachment.name) was folded into the weights that were written.")
    }
    guard let form = BaseForms.named(model.architecture.type) else {
      throw Failure(
        "there is no folder form for \(model.architecture.type).", cure: "Save a session: save FILE")
    }
    let packed = model.packed.filter { $0.value.packing != nil }
    if let form = packed.first?.value.packing?.form {
      notes.append(
        "\(packed.count) weights were written in \(form.code.rawValue), as bitsandbytes reads them.")
    }
    let made = try form.init(config: BaseConfig(form.config(of: model), path: "the model"))
    try refuseGrown(model, made)
    let parts = try parts(model, made, format), words = try tokenizerParts(tokenizer, model, &notes)
    let config = try config(form, model, tokenizer, format)
    let contents =
      [
        FolderPart("config.json", text: config),
        FolderPart("model.safetensors", try Safetensors.contents(parts)),
      ] + words
    try refuseStale(path, beside: contents.map(\.name), files)
    try files.writeFolder(path, contents)
    let bytes = try parts.reduce(0) { try $0 + $1.byteCount() }
    return Written(tensors: parts.count, bytes: bytes, names: contents.map(\.name), notes: notes)
  }

  /// A bias that merging gave to a layer has a place only where the configuration says that there are biases.
  private static func refuseGrown(_ model: Model, _ form: any BaseForm) throws {
    let known = Set(form.shapes.map(\.name))
    let grown = model.directory.parameters.filter { !known.contains($0.name) }.map(\.name)
    guard let first = grown.first else { return }
    throw Failure(
      "merging gave \(grown.count) layers a bias (\(first) …), and \(model.architecture.type)'s files have none there.",
      cure: "Keep it apart: unmerge it, then save adapter DIR; or keep the session: save FILE")
  }

  private static func unmerged(_ name: String) -> Failure {
    Failure(
      "\(name) is attached and not merged, and a base has no place for it.",
      cure: "Merge it first (merge \(name)), or save it by itself: save adapter DIR")
  }

  /// The parameters under Hugging Face's names, Conv1D weights as [in, out].
  private static func parts(
    _ model: Model, _ form: any BaseForm, _ format: Storage.Format
  ) throws -> [Safetensors.Part] {
    try model.directory.parameters.flatMap { parameter -> [Safetensors.Part] in
      guard let name = model.architecture.fileName(parameter.name) else {
        throw Failure("\(parameter.name) has no name in Hugging Face's form of \(model.architecture.type).")
      }
      let value = parameter.value.plain, shape = form.fileShape(parameter.name, value.shape)
      if let packed = FourBitFiles.parts(name, value) { return packed }
      guard model.architecture.isTransposed(parameter.name) else {
        return [Safetensors.Part(name, try value.reshaped(shape), as: format)]
      }
      // Turned round only while it is being written, so that there is one matrix more in memory, not all.
      let part = Safetensors.Part(name, DType(format), shape) { sink in
        try Safetensors.Part(name, value.transposed(), as: format).fill(sink)
      }
      return [part]
    }
  }

  private static func config(
    _ form: any BaseForm.Type, _ model: Model, _ tokenizer: (any Tokenizer)?, _ format: Storage.Format
  ) throws -> String {
    var config = form.config(of: model)
    let names: [Storage.Format: JSON] = [.f32: "float32", .bf16: "bfloat16", .f16: "float16"]
    config["model_type"] = .string(model.architecture.type)
    config["dtype"] = names[format]
    guard model.network.reads == .tokens else { return try JSON.object(config).text(.huggingFace) + "\n" }
    let end = tokenizer?.endOfText.map { JSON.integer($0) } ?? .null
    config["bos_token_id"] = end
    config["eos_token_id"] = end
    config["quantization_config"] = try FourBitConfig.of(model)
    if let pad = tokenizer?.pad { config["pad_token_id"] = .integer(pad) }
    return try JSON.object(config).text(.huggingFace) + "\n"
  }

  private static func tokenizerParts(
    _ tokenizer: (any Tokenizer)?, _ model: Model, _ notes: inout [String]
  ) throws -> [FolderPart] {
    guard model.network.reads == .tokens else { return [] }
    guard let tokenizer else {
      notes.append("No tokenizer was written: the model has none.")
      return []
    }
    guard let contents = TokenizerFile.text(of: tokenizer) else {
      notes.append("No tokenizer was written: tokenizer.json has no form for “\(tokenizer.name)”.")
      return []
    }
    if let rows = model.size("vocab_size"), tokenizer.vocabularySize > rows {
      throw Failure(
        "the tokenizer has \(tokenizer.vocabularySize) tokens, the model has rows for \(rows).",
        cure: "Write the model with the tokenizer that it was made for.")
    }
    // The class that takes tokenizer.json as it stands, whatever its pre-tokenizer is.
    var config: JSON.Object = [
      "tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": false,
    ]
    let context = model.size(model.architecture.sizes.context)
    config["model_max_length"] = context.map { .integer($0) }
    func text(_ id: Int?) -> JSON? { id.map { .string(tokenizer.decode([$0])) } }
    config["bos_token"] = text(tokenizer.endOfText)
    config["eos_token"] = text(tokenizer.endOfText)
    config["unk_token"] = text(tokenizer.endOfText)
    config["pad_token"] = text(tokenizer.pad)
    return [
      FolderPart("tokenizer.json", text: contents),
      FolderPart("tokenizer_config.json", text: try JSON.object(config).text(.huggingFace) + "\n"),
    ]
  }

  /// Files beside the new ones stay, so those that would tell of another model must not be there.
  private static func refuseStale(_ path: String, beside names: [String], _ files: any Files) throws {
    guard try files.kind(at: Path.trimmed(path)) == .folder else { return }
    let telling = [
      "adapter_config.json", "tokenizer.json", "tokenizer_config.json", "vocab.json", "merges.txt",
      "tokenizer.model", "generation_config.json", ShardedTensors.indexName, "pytorch_model.bin",
    ]
    let stale = try files.names(in: path).first { telling.contains($0) && !names.contains($0) }
    guard let stale else { return }
    throw Failure(
      "\(shown(path)) holds \(shown(stale)) of another model, which would stay beside this one.",
      cure: "Name a new folder.")
  }
}
