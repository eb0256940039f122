import Engine
import FileSystem
import Networks
import Options

/// What an adapter's two files hold: the configuration, and tensors by their keys.
struct AdapterContent {
  var config: JSON.Object
  var tensors: [(key: String, value: Tensor)] = []
  var notes: [String] = []

  /// `peft`'s methods that put vectors before the text; they ask for the base's sizes.
  static let promptTypes = ["PROMPT_TUNING", "PREFIX_TUNING", "P_TUNING", "MULTITASK_PROMPT_TUNING"]
  /// `peft`'s methods that must know of weights stored as [in, out].
  static let turnedTypes = ["LORA", "ADALORA", "IA3", "VERA", "FOURIERFT", "RANDLORA", "VBLORA"]

  /// From an attachment by its method's form.
  init<Method>(
    _ form: ForeignForm<Method>, _ method: Method, _ attachment: Attachment, _ model: Model
  ) throws {
    // inference_mode and base_model_name_or_path stand in every file that peft writes.
    config = [
      "peft_type": .string(form.type), "task_type": AdapterHead.task(of: model), "inference_mode": true,
      "base_model_name_or_path": .null,
    ]
    for key in form.keys { config[key.key] = key.write(method).map { JSON($0) } }
    if form.isPerSite {
      try addSites(form, method, attachment, model)
    } else {
      try checkWhole(form, attachment, model)
      try addWhole(form, attachment.settled(of: model) ?? attachment)
      if model.network.start != nil { try addSecondHalf(form) }
    }
    if AdapterContent.promptTypes.contains(form.type) {
      guard model.network.reads == .tokens else {
        throw Failure(
          "peft has no task for vectors before a picture.",
          cure: "A session file keeps them: save FILE\(SessionFile.ending)")
      }
      addSizes(model, ofKeys: attachment.edits.contains { $0.edit.keysValues != nil })
    }
    guard !attachment.head.isEmpty, let module = model.network.head.foreignName else { return }
    config["modules_to_save"] = [.string(module)]
    tensors += attachment.head.compactMap {
      AdapterHead.key($0, of: model, isPerSite: form.isPerSite, $0.value)
    }
  }

  /// Tensors by module, and the list of modules.
  private mutating func addSites<Method>(
    _ form: ForeignForm<Method>, _ method: Method, _ attachment: Attachment, _ model: Model
  ) throws {
    let sites = attachment.edits.map(\.site)
    var modules: [Site] = []
    for site in sites.map({ $0.whole ?? $0 }) where !modules.contains(where: { $0 === site }) {
      modules.append(site)
    }
    if sites.contains(where: { $0.kind == .part }) {
      let whole = try PartsAsWhole(form, attachment)
      tensors = whole.tensors
      notes.append(try whole.rewrite(&config))
    } else {
      for site in sites {
        let module = try TargetModules.name(of: site)
        for row in form.rows(at: site) {
          guard let parameter = attachment.parameter(row.own, at: site) else { continue }
          tensors.append(("base_model.model.\(module).\(row.key)", parameter.value))
        }
      }
      addNumbers(form, method, modules)
    }
    if let stub = form.stub { modules = try [addStub(stub, model)] }
    if modules.isEmpty { modules = model.sites.filter { attachment.trainsSome(of: $0) } }
    try addTrained(form, attachment, model, targets: modules)
    for site in modules where !attachment.edits.isEmpty {
      let shared = model.sites.first { $0.weight === site.weight && $0 !== site && $0.kind != .part }
      guard site.weight != nil, let shared, let name = site.foreignName else { continue }
      notes.append(
        "\(name) shares its weight with \(shared.foreignName ?? shared.name): merging would change both.")
    }
    try addTargets(form, method, modules, sites, model)
    let isTurned = modules.contains { model.architecture.row($0.name)?.isTransposed == true }
    if isTurned, AdapterContent.turnedTypes.contains(form.type) { config["fan_in_fan_out"] = true }
  }

  /// `target_modules`, `layers_to_transform`, and lists of those modules for which something holds. These are named
  /// apart, so that no entry takes one of the others.
  private mutating func addTargets<Method>(
    _ form: ForeignForm<Method>, _ method: Method, _ modules: [Site], _ sites: [Site], _ model: Model
  ) throws {
    var names: Set<String> = [], rest = modules
    for key in form.keys {
      guard case .modules(let holds) = key.content else { continue }
      let chosen = modules.filter { holds(method, $0) }
      guard let part = sites.first(where: { $0.kind == .part && holds(method, $0) }) else {
        let targets = try TargetModules(covering: chosen, in: model, mayNameLayers: false)
        config[key.key] = .array(targets.names.map { .string($0) })
        names.formUnion(targets.names)
        rest.removeAll { site in chosen.contains { $0 === site } }
        continue
      }
      throw Failure(
        "peft's \(form.type) cannot hold \(part.name) in \(key.key): other parts read the same input.",
        cure: "A session file keeps it: save FILE\(SessionFile.ending)")
    }
    let targets = try TargetModules(
      covering: rest, in: model, mayNameLayers: form.namesLayers && rest.count == modules.count)
    config["target_modules"] = .array(names.union(targets.names).sorted().map { .string($0) })
    config["layers_to_transform"] = targets.layers.map { .array($0.map { .integer($0) }) }
  }

  /// Numbers for modules that have one of their own.
  private mutating func addNumbers<Method>(_ form: ForeignForm<Method>, _ method: Method, _ modules: [Site]) {
    for key in form.keys {
      guard case .numbers(let number) = key.content else { continue }
      var object = JSON.Object()
      for site in modules {
        guard let name = site.foreignName, let value = number(method, site) else { continue }
        object[name] = JSON(.number(Double("\(value)") ?? Double(value)))
      }
      if object.count > 0 { config[key.key] = .object(object) }
    }
  }

  /// What the attachment trains of the base.
  private mutating func addTrained<Method>(
    _ form: ForeignForm<Method>, _ attachment: Attachment, _ model: Model, targets: [Site]
  ) throws {
    for parameter in attachment.trainedParts(of: model) {
      let place = try TrainedKey(parameter, form, attachment, model, targets: targets)
      tensors.append(("base_model.model.\(place.key)", parameter.value))
    }
  }

  /// Zeros at the first module that the method would have by default.
  private mutating func addStub<Method>(_ stub: ForeignForm<Method>.Stub, _ model: Model) throws -> Site {
    let patterns = (model.architecture.targets[stub.table] ?? []).map(SitePattern.init)
    let linear = model.sites.filter { $0.kind == .linear && $0.foreignName != nil }
    guard let site = linear.first(where: { site in patterns.contains { $0.matches(site) } }) ?? linear.first
    else { throw Failure("this model has no linear layer that peft could name.") }
    let module = try TargetModules.name(of: site)
    for (key, shape) in stub.tensors {
      tensors.append(("base_model.model.\(module).\(key)", Tensor.zeros(shape(site))))
    }
    notes.append("peft has no form of its own for it: a LoRA of zeros at \(module) carries it.")
    return site
  }

  /// A tensor that joins all layers cannot leave some out.
  private func checkWhole<Method>(_ form: ForeignForm<Method>, _ attachment: Attachment, _ model: Model)
    throws
  {
    guard form.tensors.contains(where: { $0.axis != nil }) else { return }
    let method = attachment.method, all = model.sites.filter { method.count(at: $0) > 0 }
    guard attachment.edits.count < all.count else { return }
    throw Failure(
      "peft's \(form.type) sits on all layers, and \(attachment.name) on some.",
      cure: "A session file keeps it: save FILE\(SessionFile.ending)")
  }

  /// One tensor for the whole model, under its bare key: the result, without the encoder that made it.
  private mutating func addWhole<Method>(_ form: ForeignForm<Method>, _ attachment: Attachment) throws {
    for row in form.tensors {
      guard let tensor = attachment.foreignTensors([row]).first else {
        throw Failure(
          "peft's \(form.type) has one tensor \(row.key); \(attachment.name) has no one parameter for it.",
          cure: "A session file keeps it: save FILE\(SessionFile.ending)")
      }
      tensors.append((row.key, try tensor.joined()))
    }
  }

  /// Vectors before an encoder: `peft` holds as many again, for the decoder, and nothing reads them.
  private mutating func addSecondHalf<Method>(_ form: ForeignForm<Method>) throws {
    guard form.type != "PREFIX_TUNING", let n = config["num_virtual_tokens"]?.asInteger else { return }
    for i in tensors.indices where tensors[i].value.shape.first == n {
      let value = tensors[i].value
      tensors[i].value = try Tensor.concat([value, .zeros(value.shape)], axis: 0)
    }
  }

  /// How many times `peft` counts a prompt: before an encoder, and for its decoder.
  static func submodules(of model: Model) -> Int { model.network.start == nil ? 1 : 2 }

  /// Sizes of the base, as `peft` fills them in: of keys, where keys are what it adds.
  private mutating func addSizes(_ model: Model, ofKeys: Bool) {
    let sizes = model.architecture.sizes
    config["num_layers"] = model.size(sizes.layers).map { .integer($0) }
    config["num_attention_heads"] = model.size(sizes.heads).map { .integer($0) }
    config["token_dim"] = model.size(sizes.width).map { .integer($0) }
    config["num_transformer_submodules"] = .integer(Self.submodules(of: model))
    let attention = model.sites.first { $0.kind == .attention }
    guard ofKeys, let attention, let heads = attention.heads else { return }
    config["num_attention_heads"] = .integer(heads.keys)
    config["token_dim"] = .integer(attention.keyWidth)
  }
}

/// The key, after the prefix, of a parameter of the base that an attachment trains.
struct TrainedKey {
  let key: String
  /// While the model lives in Python.
  let live: String

  init<Method>(
    _ parameter: Parameter, _ form: ForeignForm<Method>, _ attachment: Attachment, _ model: Model,
    targets: [Site]
  ) throws {
    let site = model.sites.first {
      $0.kind != .part && ($0.weight === parameter || $0.bias === parameter)
    }
    guard let rule = form.trained, let site, parameter.shape.count == 1 else {
      throw Failure(
        "peft's \(form.type) has no place for \(parameter.name), which \(attachment.name) trains.",
        cure: "A session file keeps it: save FILE\(SessionFile.ending)")
    }
    let isTarget = targets.contains { $0 === site }, module = try TargetModules.name(of: site) + "."
    key = module + (isTarget ? rule.targeted : rule.others) + parameter.leaf
    live = module + (isTarget ? rule.live : rule.others) + parameter.leaf
  }
}

extension Attachment {
  /// The modules that `peft` calls targets: where edits are, or whose weights train.
  func targets(in model: Model) -> [Site] {
    let edited = edits.map { $0.site.whole ?? $0.site }
    return edited.isEmpty ? model.sites.filter { trainsSome(of: $0) } : edited
  }

  /// The base's parameters that it trains, but for a task's head, which has keys of its own.
  func trainedParts(of model: Model) -> [Parameter] {
    model.directory.parameters.filter { one in claims(one) && !head.contains { $0 === one } }
  }

  /// Whether it trains the weight or the bias of a site.
  func trainsSome(of site: Site) -> Bool {
    site.kind != .part && [site.weight, site.bias].contains { $0.map(claims) == true }
  }
}
