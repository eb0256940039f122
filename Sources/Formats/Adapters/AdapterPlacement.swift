import FileSystem
import Networks
import Options

// Where an adapter goes, from `target_modules`, `exclude_modules` and `layers_to_transform`.
extension AdapterSettings {
  /// The sites, by `peft`'s rule: an entry takes modules of that name or with that ending.
  func placement(
    of method: some TuningMethod, in model: Model, isPerSite: Bool, _ notes: inout [String]
  ) throws -> Attachment.Placement {
    var placement = Attachment.Placement()
    guard isPerSite else { return placement }
    placement.layers = try layers()
    try checkPattern(model)
    let names = model.sites.compactMap(\.foreignName)
    let older = OlderNames(model)
    let excluded = try list("exclude_modules", among: names, older) ?? []
    var entries: [String]
    if config["target_modules"] == "all-linear" {
      let linear = model.sites.filter { $0.kind == .linear && $0 !== model.network.head }
      entries = linear.compactMap(\.foreignName)
    } else {
      let own = try Attachment.sites(for: method, .init(), in: model)  // the method's, where none are listed
      let rest = excluded.isEmpty ? nil : own.compactMap(\.foreignName)
      guard let listed = try list("target_modules", among: names, older) ?? rest else { return placement }
      entries = listed.filter { entry in names.contains { TargetModules.takes(entry, $0) } }
      var idle = listed.filter { !entries.contains($0) }
      if entries.isEmpty {
        entries = older.today { name in listed.contains { TargetModules.takes($0, name) } }
        idle = listed.filter { entry in older.today { TargetModules.takes(entry, $0) }.isEmpty }
      }
      guard !entries.isEmpty else { throw noTarget(listed, names) }
      if !idle.isEmpty { notes.append("This base has no module \(idle.map(shown).joined(separator: ", ")).") }
    }
    let taken = names.filter { name in
      entries.contains { TargetModules.takes($0, name) }
        && !excluded.contains { TargetModules.takes($0, name) }
    }
    // Our patterns also know our own names; where that takes more, the modules are named one by one.
    let patterns = entries.map(SitePattern.init)
    let matched = model.sites.filter { site in patterns.contains { $0.matches(site) } }
    placement.on = Set(matched.map(\.foreignName)) == Set(taken) ? entries : taken
    guard !taken.isEmpty else { throw noTarget(entries, names) }
    return placement
  }

  /// Throws where a module that the adapter names was passed over by the method: an embedding, a norm.
  func checkCovered(_ placement: Attachment.Placement, by attachment: Attachment, _ model: Model) throws {
    let method = attachment.method
    for site in try Attachment.sites(for: method, placement, in: model) where !placement.on.isEmpty {
      let isUsed = attachment.edits.contains { $0.site === site } || attachment.trainsSome(of: site)
      guard !isUsed else { continue }
      throw Failure(
        "\(shown(path)): target_modules takes \(site.foreignName ?? site.name), where \(type(of: method).card.name) "
          + "cannot sit here.", cure: "Merge it in Python (merge_and_unload) and open the merged base.")
    }
  }

  /// A list of names, or those that a regular expression takes; nil where the key is missing.
  private func list(_ key: String, among names: [String], _ older: OlderNames) throws -> [String]? {
    guard let value = config[key], value != .null else { return nil }
    if case .array(let values) = value {
      let names = values.compactMap(\.asString)
      if names.count == values.count { return names.isEmpty ? nil : names }
    }
    if let text = value.asString {
      let pattern = try NamePattern(text), now = names.filter(pattern.matches)
      let taken = now.isEmpty ? older.today(pattern.matches) : now
      guard taken.isEmpty, key == "target_modules" else { return taken }
      throw Failure(
        "\(shown(path)): target_modules, \(shown(text)), takes no module of this base.",
        cure: "The adapter is for another base.")
    }
    throw Failure("\(shown(path)): \(key) is \(value.kind), not a list of names.", cure: "Correct the file.")
  }

  /// The numbers of blocks, of which there may be one or a list.
  private func layers() throws -> [Int] {
    guard let value = config["layers_to_transform"], value != .null else { return [] }
    let values = value.asArray ?? [value], numbers = values.compactMap(\.asInteger)
    if numbers.count == values.count { return numbers }
    throw Failure(
      "\(shown(path)): layers_to_transform is \(BaseConfig.shown(value)), not numbers of blocks.",
      cure: "For example [0, 1]")
  }

  /// `layers_pattern` names what stands before a block's number; only the base's own name for it fits.
  private func checkPattern(_ model: Model) throws {
    guard let value = config["layers_pattern"], value != .null, value != "", value != [] else { return }
    let wanted = (value.asArray ?? [value]).compactMap(\.asString)
    let parts = model.sites.compactMap(\.foreignName).map { $0.split(separator: ".").map(String.init) }
    let isKnown = parts.contains { parts in
      parts.firstIndex { Int($0) != nil }.map { $0 > 0 && wanted.contains(parts[$0 - 1]) } == true
    }
    if isKnown { return }
    throw Failure(
      "\(shown(path)): layers_pattern is \(BaseConfig.shown(value)), which no module of this base fits.",
      cure: "Open the base that it was made for.")
  }

  private func noTarget(_ entries: [String], _ names: [String]) -> Failure {
    let ends = Set(names.compactMap { $0.split(separator: ".").last.map(String.init) }).sorted()
    let near = entries.first.flatMap { nearest(to: $0, among: ends) }
    return Failure(
      "\(shown(path)): this base has no module \(entries.prefix(5).map(shown).joined(separator: ", ")).",
      cure: near.map { "The adapter is for another base; the nearest name here is \($0)." }
        ?? "The adapter is for another base.",
      details: wrapped(ends, prefix: "there are: "))
  }
}
