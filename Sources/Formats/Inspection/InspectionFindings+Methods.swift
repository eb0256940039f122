import FileSystem
import Networks
import Options

// What is particular to a method: LoRA's ranks and magnitudes, the shapes of prompts, settings of newer versions.
extension InspectionFindings {
  /// LoRA's ranks, factors, scale and magnitudes.
  func lora() -> [Finding] {
    guard type == "LORA" || modules.contains(where: { $0.rank != nil }) else { return [] }
    var found = pairs() + ranks() + magnitudes()
    let zero = modules.filter { $0.isZero && $0.rank != nil }.map(\.name),
      all = modules.filter { $0.rank != nil }
    if !zero.isEmpty {
      found.append(
        zero.count == all.count
          ? Finding(.problem, "Every B is zero: it changes nothing. It was saved before it was trained.")
          : Finding(.suspicion, "B is zero, so nothing changes, at \(counted(zero))."))
    }
    let dead = all.filter { $0.dead > 0 && !$0.isZero }
    if !dead.isEmpty {
      found.append(
        Finding(
          .suspicion,
          "Directions that add nothing (a zero row of A or column of B) at \(counted(dead.map(\.name)))."))
    }
    let scale = InspectedScale(config: config)
    if !scale.unknown.isEmpty {
      found.append(
        Finding(
          .remark, "The patterns \(counted(scale.unknown)) are not followed here: the tensors' ranks count."))
    }
    let r = config["r"]?.asInteger ?? 8
    if r >= 32, !scale.isRoot, config["lora_alpha"]?.asNumber ?? 8 <= 8 {
      found.append(
        Finding(.suspicion, "α is peft's default 8 at r=\(r): the change is scaled by only \(8 / Double(r)).")
      )
    }
    if let start = config["init_lora_weights"]?.asString, !["gaussian", "orthogonal"].contains(start) {
      found.append(
        Finding(
          .suspicion,
          "init_lora_weights is \(shown(start)), which changes the base too: on load it is done again, "
            + "and only the same base gives the same result."))
    }
    return found
  }

  private func pairs() -> [Finding] {
    let lone = modules.filter { module in
      let keys = Set(module.items.map { $0.key.key })
      return keys.contains("lora_A.weight") != keys.contains("lora_B.weight")
        || keys.contains("lora_embedding_A") != keys.contains("lora_embedding_B")
    }.map(\.name)
    let apart = modules.filter { module in
      guard module.rank == nil, let a = module.item("lora_A.weight"), let b = module.item("lora_B.weight")
      else {
        return false
      }
      return a.norm != nil && b.norm != nil
    }.map(\.name)
    var found: [Finding] = []
    if !lone.isEmpty { found.append(Finding(.problem, "A without B, or B without A, at \(counted(lone)).")) }
    if !apart.isEmpty { found.append(Finding(.problem, "A and B do not meet at \(counted(apart)).")) }
    return found
  }

  private func ranks() -> [Finding] {
    let scale = InspectedScale(config: config)
    guard scale.unknown.isEmpty else { return [] }
    let wrong = modules.filter { $0.rank != nil && $0.rank != scale.rank(of: $0.name) }
    guard let first = wrong.first, let rank = first.rank else { return [] }
    return [
      Finding(
        .problem,
        "The configuration gives \(shown(first.name)) the rank \(scale.rank(of: first.name)), its tensors have \(rank)"
          + (wrong.count > 1 ? ", and so for \(wrong.count) modules" : "") + ": a shape error on load.")
    ]
  }

  private func magnitudes() -> [Finding] {
    let isDoRA = config["use_dora"]?.asBool == true
    let adapted = modules.filter { $0.rank != nil }
    let with = adapted.filter { $0.items.contains { $0.key.key.hasPrefix("lora_magnitude_vector") } }
    if isDoRA, with.count < adapted.count {
      return [Finding(.problem, "use_dora, but \(adapted.count - with.count) modules have no magnitude.")]
    }
    if isDoRA {
      return [Finding(.remark, "DoRA: the changes shown are s·B·A, before rows get their trained lengths.")]
    }
    if let first = with.first {
      return [
        Finding(
          .problem,
          "\(shown(first.name)) has a magnitude, but use_dora is off: peft drops it and computes LoRA.")
      ]
    }
    return []
  }

  /// What prompt methods need: a task, and tensors of the sizes that the configuration gives.
  func prompts() -> [Finding] {
    guard AdapterContent.promptTypes.contains(type) else { return [] }
    var found: [Finding] = []
    if config["task_type"] ?? .null == .null {
      found.append(
        Finding(.problem, "There is no task_type: peft loads it and does nothing with it, in silence."))
    }
    guard let prompt = folder.items.first(where: { $0.name == "prompt_embeddings" }) else {
      found.append(Finding(.problem, "There is no tensor prompt_embeddings."))
      return found
    }
    let n = config["num_virtual_tokens"]?.asInteger, width = config["token_dim"]?.asInteger
    let times = config["num_transformer_submodules"]?.asInteger ?? 1, layers = config["num_layers"]?.asInteger
    let isPrefix = type == "PREFIX_TUNING"
    guard let n, let width, (1...1 << 24).contains(n), (1...1 << 24).contains(width),
      (1...16).contains(times), !isPrefix || (1...1 << 16).contains(layers ?? 0)
    else { return found }
    let wanted = isPrefix ? [n, 2 * (layers ?? 0) * width] : [n * times, width]
    if prompt.entry.shape != wanted {
      found.append(
        Finding(
          .problem, "prompt_embeddings is \(prompt.entry.shape), and the configuration asks for \(wanted)."))
    }
    if times == 2, !isPrefix {
      found.append(
        Finding(
          .remark, "peft uses only the first \(n) rows, before the encoder; the other \(n) never train."))
    }
    return found
  }

  /// Settings that not every version of peft knows.
  func settings() -> [Finding] {
    guard type == "LORA", config["peft_version"] == nil else { return [] }
    let newer = ["exclude_modules", "eva_config", "corda_config", "lora_bias", "trainable_token_indices"]
    let there = newer.filter { config[$0] != nil }
    guard !there.isEmpty else { return [] }
    return [
      Finding(.remark, "peft 0.13 and older stop at the settings \(counted(there)), which they do not know.")
    ]
  }
}
