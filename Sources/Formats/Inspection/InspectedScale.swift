import FileSystem

/// The rank that a LoRA's configuration gives a module, and what really multiplies B·A there.
///
///     s = α/r, with use_rslora α/√r; r and α are those of the first pattern that the end of the module's name fits
struct InspectedScale {
  /// Whether s = α/√r.
  let isRoot: Bool
  /// Patterns that cannot be followed; what they say is not known.
  private(set) var unknown: [String] = []
  private let r: Int
  private let alpha: Double
  private var ranks: [Pattern] = []
  private var alphas: [Pattern] = []

  /// A number for the modules whose names end so.
  private struct Pattern {
    let name: String
    /// nil: the name is plain.
    let expression: NamePattern?
    let value: JSON

    func fits(_ module: String) -> Bool {
      guard let expression else { return module == name || module.hasSuffix("." + name) }
      return expression.matches(module)
    }
  }

  init(config: JSON.Object) {
    isRoot = config["use_rslora"]?.asBool == true
    r = config["r"]?.asInteger ?? 8
    alpha = config["lora_alpha"]?.asNumber ?? 8
    ranks = patterns(config["rank_pattern"])
    alphas = patterns(config["alpha_pattern"])
  }

  private mutating func patterns(_ value: JSON?) -> [Pattern] {
    (value?.asObject?.members ?? []).compactMap { member in
      let isPlain = member.key.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
      if isPlain { return Pattern(name: member.key, expression: nil, value: member.value) }
      // peft looks for the pattern at the end, behind a dot or as the whole.
      guard let expression = try? NamePattern("(.*\\.)?(\(member.key))$") else {
        unknown.append(member.key)
        return nil
      }
      return Pattern(name: member.key, expression: expression, value: member.value)
    }
  }

  /// The rank of a module.
  func rank(of module: String) -> Int { ranks.first { $0.fits(module) }?.value.asInteger ?? r }

  /// s of a module; nil where the rank can be none.
  func scale(of module: String) -> Double? {
    let r = rank(of: module), alpha = alphas.first { $0.fits(module) }?.value.asNumber ?? alpha
    guard r > 0, alpha.isFinite else { return nil }
    return isRoot ? alpha / Double(r).squareRoot() : alpha / Double(r)
  }
}
