import FileSystem
import Options

/// An adapter as Python `peft` keeps it: `adapter_config.json` and `adapter_model.safetensors` in a folder.
public struct AdapterFolder: Sendable {
  /// One tensor of an adapter.
  public struct Tensor: Sendable, Equatable {
    /// The key as it stands in the file.
    public let key: String
    /// The key without its prefix and the adapter's name: `transformer.h.0.attn.c_attn.lora_A.weight`.
    public let name: String
    /// Format, shape and place of its bytes.
    public let entry: Safetensors.Entry
  }

  /// The name of the configuration.
  public static let configName = "adapter_config.json"
  /// The name of the weights.
  public static let weightsName = "adapter_model.safetensors"

  /// The folder.
  public let path: String
  /// The configuration as it was read, with all its keys.
  public let config: JSON.Object
  /// Its method, as `peft` spells it: "LORA", "PROMPT_TUNING".
  public let peftType: String
  /// The tensors in the order of their bytes.
  public let tensors: [Tensor]
  /// The file that holds them.
  public let file: Safetensors
  /// Keys without the prefix `base_model.`: right for prompts, otherwise `peft` would leave them out in
  /// silence.
  public let keysWithoutPrefix: [String]

  /// Reads a folder; completes a replacement of it that was cut off.
  public init(_ path: String, files: any Files = .disk) throws {
    try files.recoverFolder(path)
    let folder = try HuggingFaceFolder(path, files: files)
    try folder.requireAdapter()
    guard case .adapter(let type) = folder.kind else { throw Failure("\(shown(path)) is no adapter.") }
    self.path = folder.path
    config = folder.config
    peftType = type
    file = try Safetensors(Path.join(folder.path, AdapterFolder.weightsName), files: files)
    var tensors: [Tensor] = [], keys: [ExactText: String] = [:]
    for entry in file.entries {
      let name = AdapterFolder.name(ofKey: entry.name)
      if let other = keys.updateValue(entry.name, forKey: ExactText(name)) {
        throw Failure(
          "\(shown(file.path)): the keys \(shown(other)) and \(shown(entry.name)) mean the same tensor.",
          cure: "Remove one of them.")
      }
      tensors.append(Tensor(key: entry.name, name: name, entry: entry))
    }
    self.tensors = tensors
    keysWithoutPrefix = file.names.filter { !$0.hasPrefix("base_model.") }
  }

  /// The name of the tensor that a key means: without `base_model.model.` (or `base_model.`, before the heads
  /// of prompt methods) and without the adapter's name `default`, which older files left in.
  public static func name(ofKey key: String) -> String {
    var parts = key.split(separator: ".", omittingEmptySubsequences: false)
    if parts.count > 1, parts[0] == "base_model" {
      parts.removeFirst(parts.count > 2 && parts[1] == "model" ? 2 : 1)
    }
    // Only after a word of peft's own: a module of the model may itself be called "default".
    if let place = parts.indices.dropFirst().last(where: { parts[$0] == "default" && isOwn(parts[$0 - 1]) }) {
      // The magnitude of DoRA is a module while it lives, but a bare tensor in files.
      let isMagnitude = parts[place - 1] == "lora_magnitude_vector" && parts[(place + 1)...] == ["weight"]
      parts.removeSubrange(place..<(isMagnitude ? parts.count : place + 1))
    }
    return parts.joined(separator: ".")
  }

  private static func isOwn(_ part: Substring) -> Bool {
    ["lora_", "ia3_", "modules_to_save", "prompt_", "trainable_tokens", "ln_tuning"].contains {
      part.hasPrefix($0)
    }
  }

  /// The settings that a method knows, where a missing key has its default, and the keys that it does not
  /// know.
  ///
  /// A key that is null counts as missing where the default is not null.
  public func settings(defaults: JSON.Object) -> (values: JSON.Object, unknown: JSON.Object) {
    var values = defaults, unknown = JSON.Object()
    for member in config.members {
      guard let standard = defaults[member.key] else {
        unknown[member.key] = member.value
        continue
      }
      values[member.key] = member.value == .null ? standard : member.value
    }
    return (values, unknown)
  }

  /// Lends the bytes of a tensor for the time of the call, without copying.
  public func withBytes<R>(of tensor: Tensor, _ body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
    try file.withBytes(of: tensor.entry, body)
  }

  /// Writes an adapter folder, all or nothing; the configuration has the given keys and no others.
  ///
  /// The parts' names are the keys of the file, with their prefix. `task_type` is asked for where `peft`
  /// would silently do nothing without it.
  public static func write(
    config: JSON.Object, _ parts: [Safetensors.Part], to path: String, files: any Files = .disk
  ) throws {
    guard let type = config["peft_type"]?.asString else {
      throw Failure("the configuration of the adapter has no peft_type.", cure: "Set it, for example LORA.")
    }
    let isPrompt = ["PROMPT_TUNING", "PREFIX_TUNING", "P_TUNING", "MULTITASK_PROMPT_TUNING"].contains(type)
    if isPrompt, config["task_type"]?.asString == nil {
      throw Failure(
        "the configuration of a \(type) adapter has no task_type: peft would load it and do nothing.",
        cure: "Set it, for example CAUSAL_LM.")
    }
    let text = try JSON.object(config).text(.huggingFace)
    try files.writeFolder(
      path,
      [FolderPart(configName, text: text), FolderPart(weightsName, Safetensors.contents(parts))])
  }
}
