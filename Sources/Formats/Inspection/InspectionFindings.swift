import FileSystem
import Methods
import Networks
import Options

/// What is wrong or odd about an adapter, and what `peft` and Graft would make of it.
struct InspectionFindings {
  let type: String
  let folder: InspectedFolder
  let modules: [InspectedModule]
  var config: JSON.Object { folder.config }

  init(_ type: String, _ folder: InspectedFolder, _ modules: [InspectedModule]) {
    (self.type, self.folder, self.modules) = (type, folder, modules)
  }

  /// Everything that was found.
  func all() -> [Finding] {
    var found = numbers() + lora()
    guard folder.outer == nil else {
      return found + [Finding(.remark, "A folder of the adapters library: peft cannot read it.")]
    }
    found += kind() + keys() + targets() + heads() + prompts() + settings()
    return found + graft()
  }

  /// `peft_type`s of peft 0.21.
  static let known: Set<String> = [
    "ADALORA", "ADAMSS", "ADAPTION_PROMPT", "BEFT", "BOFT", "C3A", "CARTRIDGE", "CPT", "DEFT", "DELORA",
    "FOURIERFT", "FROD", "GLORA", "GRALORA", "HIRA", "HRA", "IA3", "LILY", "LN_TUNING", "LOHA", "LOKR",
    "LORA", "MISS", "MULTITASK_PROMPT_TUNING", "OFT", "OSF", "PEANUT", "POLY", "PREFIX_TUNING",
    "PROMPT_TUNING", "PSOFT", "PVERA", "P_TUNING", "RANDLORA", "ROAD", "SHADOW", "SHIRA", "SUPERTUNING",
    "TINYLORA", "TRAINABLE_TOKENS", "UNILORA", "VBLORA", "VERA", "WAVEFT", "XLORA",
  ]

  private var isPrompt: Bool { AdapterContent.promptTypes.contains(type) }

  private func kind() -> [Finding] {
    if type.isEmpty {
      let guess =
        folder.items.contains { $0.name.contains("lora_") }
        ? "LORA" : folder.items.contains { $0.name.contains("ia3_l") } ? "IA3" : nil
      let hint = guess.map { " Its keys look like \($0)." } ?? ""
      return [Finding(.problem, "There is no peft_type, so peft stops with a KeyError.\(hint)")]
    }
    guard !InspectionFindings.known.contains(type) else { return [] }
    let near = nearest(to: type, among: Array(InspectionFindings.known)).map { " Is \($0) meant?" } ?? ""
    return [Finding(.problem, "peft 0.21 has no peft_type \(shown(type)).\(near)")]
  }

  // MARK: Keys

  private func keys() -> [Finding] {
    var found: [Finding] = []
    let bare = folder.items.filter { !$0.key.hasPrefix("base_model.") }.map(\.key)
    if !isPrompt, !bare.isEmpty {
      found.append(
        Finding(
          .problem,
          "\(counted(bare)) lack the prefix base_model.model.: peft only warns, and the output is the base's."
        ))
    }
    let named = folder.items.filter { $0.key.split(separator: ".").contains("default") }.map(\.key)
    if !named.isEmpty {
      found.append(
        Finding(
          .suspicion,
          "\(counted(named)) hold the adapter's name: peft 0.18 and older drop them in silence, newer read them."
        ))
    }
    let odd = folder.items.filter { !isExpected($0.name) }.map(\.key)
    if !odd.isEmpty, InspectionFindings.known.contains(type),
      isPrompt || ["LORA", "IA3", "LN_TUNING"].contains(type)
    {
      found.append(
        Finding(.suspicion, "\(counted(odd)) are none of \(type)'s: peft ignores such keys in silence."))
    }
    return found
  }

  private func isExpected(_ name: String) -> Bool {
    let saved = config["modules_to_save"]?.asArray?.compactMap(\.asString) ?? []
    let parts = name.split(separator: ".").map(String.init)
    if parts.contains(where: saved.contains) || parts.contains("embed_tokens") || parts.contains("lm_head") {
      return true
    }
    switch type {
    case "LORA": return parts.contains { $0.hasPrefix("lora_") } || parts.last == "bias"
    case "IA3": return parts.last == "ia3_l"
    case "LN_TUNING": return parts.contains("ln_tuning_layers")
    default: return name == "prompt_embeddings" || name.hasPrefix("prompt_")
    }
  }

  // MARK: Targets and heads

  private func targets() -> [Finding] {
    guard ["LORA", "IA3", "LN_TUNING"].contains(type), !folder.items.isEmpty else { return [] }
    let own = modules.filter { module in
      module.items.contains { item in ["lora_", "ia3_", "ln_"].contains { item.key.key.hasPrefix($0) } }
    }.map(\.name)
    guard let listed = config["target_modules"], listed != .null else {
      let text = "target_modules is missing: peft takes the default of the base's architecture."
      return type == "LN_TUNING" ? [] : [Finding(.remark, text)]
    }
    if let text = listed.asString { return expression(text, own) }
    let names = listed.asArray?.compactMap(\.asString) ?? []
    let idle = names.filter { entry in !own.contains { TargetModules.takes(entry, $0) } }
    let outside = own.filter { name in !names.contains { TargetModules.takes($0, name) } }
    let text = "target_modules names \(counted(idle)), for which the file has no tensors."
    return (idle.isEmpty ? [] : [Finding(.suspicion, text)]) + untaken(outside)
  }

  /// `target_modules` as a regular expression over whole names.
  private func expression(_ text: String, _ own: [String]) -> [Finding] {
    if text == "all-linear" { return [] }
    do {
      let pattern = try NamePattern(text)
      return untaken(own.filter { !pattern.matches($0) })
    } catch { return [Finding(.remark, (error as? Failure)?.what ?? "\(error)")] }
  }

  private func untaken(_ modules: [String]) -> [Finding] {
    guard !modules.isEmpty else { return [] }
    let text = "The file has tensors for \(counted(modules)), which target_modules does not take: "
    return [Finding(.problem, text + "peft drops them in silence.")]
  }

  private func heads() -> [Finding] {
    var found: [Finding] = []
    let saved = config["modules_to_save"]?.asArray?.compactMap(\.asString) ?? []
    let held = Set(folder.items.flatMap { $0.name.split(separator: ".").map(String.init) })
    // Tasks with a head name both of its usual names; one of them is there.
    let isThere = saved.contains(where: held.contains)
    if !saved.isEmpty, !isThere {
      found.append(
        Finding(
          .problem,
          "modules_to_save names \(counted(saved)), and the file holds none: the head would be a random one.")
      )
    }
    if config["bias"]?.asString ?? "none" != "none",
      !folder.items.contains(where: { $0.name.hasSuffix(".bias") })
    {
      found.append(
        Finding(
          .problem,
          "bias=\(config["bias"]?.asString ?? ""), but no bias is in the file: peft 0.18 and older trained and lost them."
        ))
    }
    return found
  }

  // MARK: Numbers

  private func numbers() -> [Finding] {
    let broken = modules.flatMap { module in
      module.items.filter { !$0.isFinite }.map {
        module.name.isEmpty ? $0.key.key : module.name + "." + $0.key.key
      }
    }
    let unread = Set(modules.flatMap { $0.items.filter { $0.norm == nil }.map(\.format) }).sorted()
    var found: [Finding] = []
    if !broken.isEmpty { found.append(Finding(.problem, "NaN or infinity in \(counted(broken)).")) }
    if !unread.isEmpty {
      found.append(
        Finding(.suspicion, "Tensors of the format \(unread.joined(separator: " ")) are not read as numbers.")
      )
    }
    if folder.items.isEmpty { found.append(Finding(.problem, "There are no tensors.")) }
    return found
  }

  private func graft() -> [Finding] {
    do {
      let settings = AdapterSettings(try AdapterFolder(folder.path, files: folder.files))
      func leftovers<M: TuningMethod>(_ method: M) throws {
        if let form = M.foreign { _ = try settings.leftovers(of: form) }
      }
      let method = try settings.method()
      try leftovers(method)
      return [Finding(.remark, "In Graft this is \(Swift.type(of: method).card.name).")]
    } catch {
      let reason = (error as? Failure)?.what ?? "\(error)"
      let path = "\(shown(Path.join(folder.path, AdapterFolder.configName))): "
      let short = reason.hasPrefix(path) ? String(reason.dropFirst(path.count)) : reason
      return [Finding(.remark, "Graft would not load it: \(short)")]
    }
  }

  /// `3 of them`, with the first two by name.
  func counted(_ names: [String]) -> String {
    let first = names.prefix(2).map { shown($0) }.joined(separator: ", ")
    return names.count > 2 ? "\(names.count) names (\(first) …)" : first
  }
}
