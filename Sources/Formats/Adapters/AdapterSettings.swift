import FileSystem
import Methods
import Networks
import Options

/// What the configuration of an adapter asks for: the method with its options, where it goes, and what else.
struct AdapterSettings {
  let folder: AdapterFolder
  var config: JSON.Object { folder.config }
  var path: String { Path.join(folder.path, AdapterFolder.configName) }

  /// Whether the method shall have its encoder, as while it trains; a file has only the encoder's result.
  var isLive = false

  init(_ folder: AdapterFolder) { self.folder = folder }

  // MARK: The method

  /// The method. Where several have one type, that which claims the settings; else that which claims nothing.
  func method() throws -> any TuningMethod {
    var plain: [any TuningMethod.Type] = [], known: [String] = []
    for candidate in Methods.all {
      guard let (type, claims) = claim(of: candidate) else { continue }
      known.append(type)
      guard type == folder.peftType else { continue }
      switch claims {
      case true?: return try read(candidate)
      case false?: continue
      case nil: plain.append(candidate)
      }
    }
    if let first = plain.first { return try read(first) }
    throw Failure(
      "\(shown(path)): Graft has no method of the peft_type \(shown(folder.peftType)).",
      cure: "Use peft for this one.", details: wrapped(Array(Set(known)).sorted(), prefix: "It reads: "))
  }

  /// The type that a method's form reads, and whether it claims this config; nil: it claims none in particular.
  private func claim<Method: TuningMethod>(of method: Method.Type) -> (type: String, claims: Bool?)? {
    guard let form = method.foreign, !form.isWrittenOnly else { return nil }
    return (form.type, form.claims.map { $0 { key in config[key].flatMap { OptionValue($0) } } })
  }

  private func read<Method: TuningMethod>(_ type: Method.Type) throws -> any TuningMethod {
    var method = Method()
    for row in Method.foreign?.keys ?? [] {
      guard let json = config[row.key], json != .null else { continue }
      guard let value = Self.value(json, row.content) else { throw wrong(row.key, json, Method.card.name) }
      do { try row.read(&method, value) } catch let failure as Failure {
        throw Failure("\(shown(path)): \(failure.what)", cure: failure.cure, details: failure.details)
      }
      // What a method did not take would otherwise be lost in silence.
      if let kept = row.write(method), !Self.isSame(kept, value) {
        throw wrong(row.key, json, Method.card.name)
      }
    }
    for option in Method.options { try option.write(&method, option.read(method)) }  // checks the ranges
    // What departs from its paper in peft departs here too.
    try Method.options.first { $0.name == "like" }?.write(&method, .text("peft"))
    if !isLive { Method.foreign?.settle(&method) }
    return method
  }

  /// A value of the config; an object of numbers by module becomes texts `module:number`.
  private static func value<Method>(_ json: JSON, _ content: ForeignForm<Method>.Key.Content) -> OptionValue?
  {
    guard case .numbers = content else { return OptionValue(json) }
    guard case .object(let object) = json else { return nil }
    let rows = object.members.compactMap { member in
      member.value.asNumber.map { SiteNumber(member.key, Float($0)).description }
    }
    return rows.count == object.count ? .list(rows.map { .text($0) }) : nil
  }

  private static func isSame(_ a: OptionValue, _ b: OptionValue) -> Bool {
    if let a = a.asNumber, let b = b.asNumber { return Float(a) == Float(b) }
    return a == b
  }

  private func wrong(_ key: String, _ value: JSON, _ method: String) -> Failure {
    Failure(
      "\(shown(path)): \(key) is \(BaseConfig.shown(value)), which \(method) does not take.",
      cure: "Correct the file, or save the adapter again.")
  }

  // MARK: What is left

  /// Keys that say nothing about what the adapter computes, or that stand elsewhere here.
  private static let plain: Set<String> = [
    "peft_type", "task_type", "base_model_name_or_path", "revision", "inference_mode", "auto_mapping",
    "peft_version", "runtime_config", "tokenizer_name_or_path", "tokenizer_kwargs",
    "prompt_tuning_init_text", "megatron_core", "megatron_config", "qalora_group_size", "fan_in_fan_out",
    "target_modules", "layers_to_transform", "layers_pattern", "exclude_modules", "num_layers", "token_dim",
    "num_attention_heads", "num_transformer_submodules", "eva_config", "corda_config", "lora_ga_config",
    "ensure_weight_tying", "init_ia3_weights", "modules_to_save",
  ]

  /// Keys that change what the adapter computes.
  private static let refused: [String: String] = [
    "layer_replication": "blocks used twice",
    "target_parameters": "bare parameters as targets", "trainable_token_indices": "single trained tokens",
    "use_qalora": "grouped inputs",
    "alora_invocation_tokens": "an adapter that starts at a token", "use_bdlora": "blocks in A and B",
    "kasa_config": "KaSA", "velora_config": "VeLoRA", "monteclora_config": "MonteCLoRA",
    "arrow_config": "a router", "loftq_config": "a base changed by LoftQ",
  ]

  /// Checks the keys that the form does not have: throws for those that would change the result, and gives a
  /// sentence for those that are unknown.
  func leftovers<Method>(of form: ForeignForm<Method>, _ model: Model? = nil) throws -> [String] {
    let own = Set(form.keys.map(\.key))
    var notes: [String] = []
    for member in config.members where !own.contains(member.key) && !Self.isEmpty(member.value) {
      if let what = Self.refused[member.key] {
        throw Failure(
          "\(shown(path)): \(member.key) asks for \(what), which Graft does not hold.",
          cure: "Merge it in Python (merge_and_unload) and open the merged base.")
      }
      guard !Self.plain.contains(member.key) else { continue }
      notes.append("\(member.key)=\(BaseConfig.shown(member.value)) is not known here and was left out.")
    }
    if let task = config["task_type"]?.asString, let model,
      case .string(let own) = AdapterHead.task(of: model),
      task != own
    {
      notes.append("It was made for the task \(task); here it serves \(own).")
    }
    return notes
  }

  /// `peft` has no default modules for every architecture, and then refuses too.
  func checkTable<Method>(of form: ForeignForm<Method>, _ model: Model) throws {
    let architecture = model.architecture
    guard let table = form.table, architecture.targets[table] == nil,
      (config["target_modules"] ?? .null) == .null
    else { return }
    throw Failure(
      "\(shown(path)): target_modules is missing, and peft has no default for \(architecture.type).",
      cure: "Write the names of the modules that its tensors are for.")
  }

  private static func isEmpty(_ value: JSON) -> Bool {
    switch value {
    case .null, .bool(false), .string(""), .array([]): return true
    case .object(let object): return object.count == 0
    default: return false
    }
  }

  /// Checks sizes of the base that prompt methods write down.
  func checkBase(_ model: Model) throws {
    let sizes = model.architecture.sizes
    for (key, own) in [("token_dim", sizes.width), ("num_layers", sizes.layers)] {
      guard let value = config[key], value != .null, let size = model.size(own) else { continue }
      let ofKeys = key == "token_dim" ? model.sites.first { $0.kind == .attention }?.keyWidth : nil
      guard value.asInteger != size, ofKeys == nil || value.asInteger != ofKeys else { continue }
      throw Failure(
        "\(shown(path)): \(key) is \(BaseConfig.shown(value)), but this model has \(own)=\(size).",
        cure: "Open the base that it was made for.")
    }
    let own = AdapterContent.submodules(of: model)
    guard let times = config["num_transformer_submodules"], times != .null, times.asInteger != own else {
      return
    }
    throw Failure(
      "\(shown(path)): num_transformer_submodules is \(BaseConfig.shown(times)), and this model has "
        + (own == 1
          ? "one stack: it is for an encoder and a decoder." : "an encoder and a decoder, which are 2."),
      cure: "Open the base that it was made for.")
  }

  /// Refuses sizes that the file cannot have, before memory is taken for them.
  func checkSize(_ method: some TuningMethod, _ placement: Attachment.Placement, _ model: Model) throws {
    let wanted = method.count(at: try Attachment.sites(for: method, placement, in: model))
    let held = folder.tensors.reduce(0) { $0 + $1.entry.count }
    guard wanted > held, wanted > 1 << 22 else { return }
    throw Failure(
      "\(shown(path)) asks for \(wanted) numbers, but its file holds only \(held).",
      cure: "Its configuration and its weights differ: save it again.")
  }
}
