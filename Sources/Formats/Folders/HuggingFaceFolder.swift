import FileSystem
import Options

/// A folder as the Hugging Face libraries write them: what it is, and what it lacks.
public struct HuggingFaceFolder: Sendable {
  /// What a folder is.
  public enum Kind: Sendable, Equatable {
    /// A base model, with the `model_type` of its `config.json`.
    case base(modelType: String)
    /// An adapter, with the `peft_type` of its `adapter_config.json`; or "adapters" for that library's form, "graft"
    /// for our own.
    case adapter(peftType: String)
    /// It holds sessions of Graft: these files.
    case sessions([String])
    /// None of these.
    case nothing
  }

  /// Where the weights are.
  public enum Weights: Sendable, Equatable {
    /// One safetensors file of this name.
    case single(String)
    /// Several, listed in the index of this name.
    case sharded(String)
    /// Only a pickle of this name, which is not read.
    case pickle(String)
    /// A GGUF file of this name.
    case gguf(String)
    /// None were found.
    case missing
  }

  /// The folder.
  public let path: String
  /// What it is; a folder with both configurations counts as an adapter, as in `transformers`.
  public let kind: Kind
  /// Where its weights are.
  public let weights: Weights
  /// Its configuration: `config.json` or `adapter_config.json`; empty where it has none.
  public let config: JSON.Object
  /// The names in it, sorted.
  public let names: [String]

  /// Looks at a folder; throws where it cannot be read or its configuration is broken.
  public init(_ path: String, files: any Files = .disk) throws {
    let path = Path.trimmed(path)
    guard try files.kind(at: path) == .folder else {
      if try !files.exists(path) { throw files.missing(path) }
      throw Failure("\(shown(path)) is not a folder.", cure: "Name the folder that holds the files.")
    }
    let names = try files.names(in: path)
    self.path = path
    self.names = names
    if names.contains(OwnFiles.configName) {
      config = try HuggingFaceFolder.config(OwnFiles.configName, path, files)
      kind = .adapter(peftType: OwnFiles.type)
      weights = names.contains(OwnFiles.weightsName) ? .single(OwnFiles.weightsName) : .missing
    } else if names.contains("adapter_config.json") {
      config = try HuggingFaceFolder.config("adapter_config.json", path, files)
      let isLibrarys = LibraryFiles.isOne(config)
      kind = .adapter(
        peftType: isLibrarys
          ? LibraryFiles.type
          : try HuggingFaceFolder.word("peft_type", in: config, "adapter_config.json", path))
      weights = HuggingFaceFolder.weights(isLibrarys ? "adapter" : "adapter_model", names)
    } else if names.contains("config.json") {
      config = try HuggingFaceFolder.config("config.json", path, files)
      kind = .base(modelType: try HuggingFaceFolder.word("model_type", in: config, "config.json", path))
      weights = HuggingFaceFolder.weights("model", names)
    } else {
      config = JSON.Object()
      let sessions = names.filter { $0.hasSuffix(SessionFile.ending) }
      kind = sessions.isEmpty ? .nothing : .sessions(sessions)
      weights = HuggingFaceFolder.weights("model", names)
    }
  }

  /// What it is, in a few words: "a base model (gpt2), weights in model.safetensors".
  public var sentence: String {
    switch kind {
    case .base(let type): return "a base model (\(type)), \(weightsSentence)"
    case .adapter(let type): return "an adapter (\(type)), \(weightsSentence)"
    case .sessions(let files): return "sessions: " + files.joined(separator: ", ")
    case .nothing: return "nothing that Graft knows"
    }
  }

  /// Throws unless it is a base model with weights that can be read.
  public func requireBase() throws {
    if case .adapter = kind {
      throw Failure("\(shown(path)) is an adapter, not a base model.", cure: baseHint)
    }
    guard case .base = kind else {
      throw absent("config.json", "a base model: config.json, model.safetensors and tokenizer.json")
    }
    try requireWeights("model.safetensors")
  }

  /// Throws unless it is an adapter with weights that can be read.
  public func requireAdapter() throws {
    guard case .adapter = kind else {
      throw absent("adapter_config.json", "an adapter: adapter_config.json and adapter_model.safetensors")
    }
    try requireWeights("adapter_model.safetensors")
  }
}

extension HuggingFaceFolder {
  private static func config(_ name: String, _ path: String, _ files: any Files) throws -> JSON.Object {
    let full = Path.join(path, name), json = try JSON.read(full, files: files)
    guard let object = json.asObject else {
      throw Failure("\(shown(full)) holds \(json.kind), not an object.", cure: "Fetch the file again.")
    }
    return object
  }

  private static func word(_ key: String, in config: JSON.Object, _ name: String, _ path: String) throws
    -> String
  {
    if let word = config[key]?.asString, !word.isEmpty { return word }
    throw Failure(
      "\(shown(Path.join(path, name))) does not say its \(key).",
      cure: key == "peft_type"
        ? "Add it, for example \"peft_type\": \"LORA\"." : "Add it, for example \"gpt2\".")
  }

  private static func weights(_ stem: String, _ names: [String]) -> Weights {
    let single = stem + ".safetensors", index = single + ".index.json"
    if names.contains(single) { return .single(single) }
    if names.contains(index) { return .sharded(index) }
    let pickles = ["adapter_model", "pytorch_model", "model"].flatMap { stem in
      Pickle.endings.map { stem + $0 } + Pickle.endings.map { stem + $0 + ".index.json" }
    }
    if let pickle = names.first(where: { pickles.contains($0) }) { return .pickle(pickle) }
    if stem == "model", let gguf = names.first(where: { $0.hasSuffix(".gguf") }) { return .gguf(gguf) }
    return .missing
  }

  private var weightsSentence: String {
    switch weights {
    case .single(let name), .sharded(let name), .gguf(let name): return "weights in \(name)"
    case .pickle(let name): return "weights only as a pickle, \(name), which Graft does not read"
    case .missing: return "without weights"
    }
  }

  private var baseHint: String {
    guard let base = config["base_model_name_or_path"]?.asString, !base.isEmpty else {
      return "Open its base first, then load the adapter."
    }
    return "Open its base, \(shown(base)), first, then load the adapter."
  }

  private func requireWeights(_ name: String) throws {
    switch weights {
    case .pickle(let pickle): throw Pickle.refusal(of: Path.join(path, pickle))
    case .missing: throw absent(name, "weights")
    case .single, .sharded, .gguf: return
    }
  }

  private func absent(_ name: String, _ wanted: String) -> Failure {
    let found =
      names.isEmpty ? ["It is empty."] : wrapped(names.prefix(20).map { shown($0) }, prefix: "It holds: ")
    return Failure(
      "\(shown(path)) lacks \(name).",
      cure: "Name the folder that has \(wanted); it may be a folder inside this one.",
      details: found)
  }
}
