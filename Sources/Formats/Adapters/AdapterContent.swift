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
      "peft_type": .string(form.type), "task_type": "CAUSAL_LM", "inference_mode": true,
      "base_model_name_or_path": .null,
    ]
    for key in form.keys { config[key.key] = key.write(method).map { JSON($0) } }
    if form.isPerSite {
      try addSites(form, attachment, model)
    } else {
      try checkWhole(form, attachment, model)
      try addWhole(form, attachment.settled(of: model) ?? attachment)
    }
    if AdapterContent.promptTypes.contains(form.type) { addSizes(model) }
  }

  /// Tensors by module, and the list of modules.
  private mutating func addSites<Method>(
    _ form: ForeignForm<Method>, _ attachment: Attachment, _ model: Model
  ) throws {
    let sites = attachment.edits.map(\.site)
    if sites.contains(where: { $0.kind == .part }) {
      let whole = try PartsAsWhole(form, attachment)
      tensors = whole.tensors
      notes.append(try whole.rewrite(&config))
    } else {
      for site in sites {
        let module = try TargetModules.name(of: site)
        for row in form.tensors {
          guard let parameter = attachment.parameter(row.own, at: site) else { continue }
          tensors.append(("base_model.model.\(module).\(row.key)", parameter.value))
        }
      }
    }
    var modules: [Site] = []
    for site in sites.map({ $0.whole ?? $0 }) where !modules.contains(where: { $0 === site }) {
      modules.append(site)
    }
    for site in modules {
      let shared = model.sites.first { $0.weight === site.weight && $0 !== site && $0.kind != .part }
      guard site.weight != nil, let shared, let name = site.foreignName else { continue }
      notes.append(
        "\(name) shares its weight with \(shared.foreignName ?? shared.name): merging would change both.")
    }
    let targets = try TargetModules(covering: modules, in: model)
    config["target_modules"] = .array(targets.names.map { .string($0) })
    config["layers_to_transform"] = targets.layers.map { .array($0.map { .integer($0) }) }
    let isTurned = modules.contains { model.architecture.row($0.name)?.isTransposed == true }
    if isTurned, AdapterContent.turnedTypes.contains(form.type) { config["fan_in_fan_out"] = true }
  }

  /// A tensor that joins all layers cannot leave some out.
  private func checkWhole<Method>(_ form: ForeignForm<Method>, _ attachment: Attachment, _ model: Model)
    throws
  {
    guard form.tensors.contains(where: { $0.axis != nil }) else { return }
    let sites = attachment.edits.map(\.site), kinds = Set(sites.map(\.kind))
    guard sites.count < model.sites.reduce(0, { $0 + (kinds.contains($1.kind) ? 1 : 0) }) else { return }
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

  private mutating func addSizes(_ model: Model) {
    let sizes = model.architecture.sizes
    config["num_layers"] = model.size(sizes.layers).map { .integer($0) }
    config["num_attention_heads"] = model.size(sizes.heads).map { .integer($0) }
    config["token_dim"] = model.size(sizes.width).map { .integer($0) }
    config["num_transformer_submodules"] = 1
  }
}
