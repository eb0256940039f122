import FileSystem

/// The rank that a LoRA's configuration gives a module, and what really multiplies B·A there.
///
///     s = α/r, with use_rslora α/√r; r and α are those of the first pattern that the module's name ends with
struct InspectedScale {
  let config: JSON.Object

  /// Whether s = α/√r.
  var isRoot: Bool { config["use_rslora"]?.asBool == true }

  /// The rank of a module.
  func rank(of module: String) -> Int {
    pattern("rank_pattern", module)?.asInteger ?? config["r"]?.asInteger ?? 8
  }

  /// α of a module.
  func alpha(of module: String) -> Double {
    pattern("alpha_pattern", module)?.asNumber ?? config["lora_alpha"]?.asNumber ?? 8
  }

  /// s of a module; nil where the rank can be none.
  func scale(of module: String) -> Double? {
    let r = rank(of: module), alpha = alpha(of: module)
    guard r > 0, alpha.isFinite else { return nil }
    return isRoot ? alpha / Double(r).squareRoot() : alpha / Double(r)
  }

  /// The patterns that are more than names, which are not followed here.
  var expressions: [String] {
    ["rank_pattern", "alpha_pattern"].flatMap { config[$0]?.asObject?.keys ?? [] }
      .filter { $0.contains { "*+?[]()|\\$".contains($0) } }
  }

  private func pattern(_ key: String, _ module: String) -> JSON? {
    guard let patterns = config[key]?.asObject else { return nil }
    return patterns.members.first { member in
      let name = member.key.hasPrefix("^") ? String(member.key.dropFirst()) : member.key
      return module == name || !member.key.hasPrefix("^") && module.hasSuffix("." + name)
    }?.value
  }
}
