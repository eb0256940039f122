import Networks
import Options

/// Which modules an adapter sits on, as `peft` writes it: endings of module names, perhaps only in some blocks.
///
/// `peft` takes a module when its whole name, or its end after a dot, is in the list; so an ending may stand
/// for many modules only if all of them are covered.
struct TargetModules {
  /// `c_attn`, or `attn.c_proj` where the last name alone would take more.
  let names: [String]
  /// Numbers of the blocks; nil: wherever the names fit.
  let layers: [Int]?

  /// The shortest way to say exactly these sites; blocks are named only where the method's config can.
  init(covering sites: [Site], in model: Model, mayNameLayers: Bool = true) throws {
    let covered = Set(try sites.map(TargetModules.name))
    let layers = sites.compactMap(\.layer), isInBlocks = layers.count == sites.count
    let choices: [[Int]?] = isInBlocks && mayNameLayers ? [nil, Array(Set(layers)).sorted()] : [nil]
    for choice in choices {
      // Other modules that peft would look at; in this choice's blocks only.
      let others = model.sites.filter { site in
        guard let name = site.foreignName, !covered.contains(name) else { return false }
        return choice.map { choice in site.layer.map(choice.contains) == true } ?? true
      }.compactMap(\.foreignName)
      let endings = covered.map { TargetModules.ending(of: $0, apartFrom: others) }
      if endings.allSatisfy({ $0 != nil }), TargetModules.isExact(endings, choice, covered, model) {
        (names, self.layers) = (Set(endings.compactMap { $0 }).sorted(), choice)
        return
      }
    }
    (names, self.layers) = (covered.sorted(), nil)
  }

  /// The module's name in Hugging Face's model; throws where the site is no module there.
  static func name(of site: Site) throws -> String {
    if let name = site.foreignName { return name }
    throw Failure(
      "peft cannot name \(site.name): it is no module of its own in Hugging Face's model.",
      cure: "A session file keeps it: save FILE\(SessionFile.ending)")
  }

  /// Whether `peft` takes a module for an entry of the list.
  static func takes(_ entry: String, _ name: String) -> Bool { name == entry || name.hasSuffix("." + entry) }

  /// The shortest ending without a block's number that takes none of the others.
  private static func ending(of name: String, apartFrom others: [String]) -> String? {
    let parts = name.split(separator: ".")
    for count in 1...max(1, parts.count) {
      let ending = parts.suffix(count)
      if ending.contains(where: { Int($0) != nil }) { return nil }
      let text = ending.joined(separator: ".")
      if !others.contains(where: { takes(text, $0) }) { return text }
    }
    return nil
  }

  /// Whether the endings, in these blocks, take the covered modules and no others.
  private static func isExact(
    _ endings: [String?], _ layers: [Int]?, _ covered: Set<String>, _ model: Model
  ) -> Bool {
    let taken = model.sites.filter { site in
      guard let name = site.foreignName else { return false }
      if let layers, site.layer.map(layers.contains) != true { return false }
      return endings.contains { $0.map { takes($0, name) } == true }
    }
    return Set(taken.compactMap(\.foreignName)) == covered
  }
}
