import Events
import FileSystem
import Formats
import Options

/// An adapter that was looked into, as lines and tables.
struct InspectionText {
  private let one: AdapterInspection
  private let isLong: Bool
  /// So many modules have a line each; more are put together by their place in the block.
  private static let few = 24

  init(_ one: AdapterInspection, isLong: Bool) { (self.one, self.isLong) = (one, isLong) }

  func show(_ session: Session) {
    session.say(
      .strong(one.type.isEmpty ? "of no stated type" : one.type) + StyledText("  \(one.library)   ")
        + .code(one.path))
    var facts: [Facts.Fact] = []
    if let base = one.base { facts.append(.init("base", .words(base))) }
    if let task = one.task { facts.append(.init("task", .words(task))) }
    if !one.targets.isEmpty { facts.append(.init("on", .words(one.targets.joined(separator: " ")))) }
    facts += lora
    facts += [
      .init("tensors", .count(one.tensors)), .init("numbers", .count(one.count)),
      .init("", .bytes(one.bytes)), .init("", .words(formats)),
    ]
    session.emit(.facts(Facts("", facts)))
    let (factors, rest) = (one.modules.filter { $0.rank != nil }, one.modules.filter { $0.rank == nil })
    if !factors.isEmpty { session.emit(.table(table(factors))) }
    if !rest.isEmpty { session.emit(.table(table(rest))) }
    for finding in one.findings { InspectionText.say(finding, session) }
  }

  private var formats: String {
    Set(one.modules.flatMap { $0.items.map(\.format) }).sorted().joined(separator: " ")
  }

  /// Ranks and scales, with their range where modules differ.
  private var lora: [Facts.Fact] {
    let ranks = Set(one.modules.compactMap(\.rank)).sorted()
    let scales = Set(one.modules.compactMap(\.scale)).sorted()
    guard let low = ranks.first, let high = ranks.last else { return [] }
    let r = low == high ? "\(low)" : "irregular, \(low) to \(high)"
    let isRoot = one.settings.contains { $0.key == "use_rslora" && $0.value == true }
    let s = scales.map { formatted($0) }
    let scale = s.count == 1 ? s[0] : s.isEmpty ? "none" : "\(s[0]) to \(s[s.count - 1])"
    return [.init("r", .words(r)), .init("s", .words("\(scale) = α/\(isRoot ? "√r" : "r")"))]
  }

  static func say(_ finding: Finding, _ session: Session) {
    switch finding.level {
    case .problem: session.emit(.warning(StyledText(finding.text)))
    case .suspicion: session.emit(.note(Note(StyledText(finding.text))))
    case .remark: session.say(.dim(finding.text))
    }
  }

  // MARK: The table

  /// Modules that stand in one line: one, or all of one place in the block.
  struct Group {
    let name: String
    var modules: [InspectedModule]
  }

  private func groups(_ modules: [InspectedModule]) -> [Group] {
    guard !isLong, modules.count > Self.few else {
      return modules.map { Group(name: $0.name, modules: [$0]) }
    }
    return Self.grouped(modules, by: \.name).map { Group(name: $0.name, modules: $0.members) }
  }

  /// Things put together by their names, in which the number of the block is a star.
  static func grouped<Thing>(_ things: [Thing], by name: (Thing) -> String) -> [(
    name: String, members: [Thing]
  )] {
    var places: [String: Int] = [:], groups: [(name: String, members: [Thing])] = []
    for thing in things {
      let parts = name(thing).split(separator: ".", omittingEmptySubsequences: false)
      let key = parts.map { Int($0) == nil ? String($0) : "*" }.joined(separator: ".")
      if let place = places[key] {
        groups[place].members.append(thing)
      } else {
        places[key] = groups.count
        groups.append((key, [thing]))
      }
    }
    return groups.map { ($0.members.count == 1 ? name($0.members[0]) : $0.name, $0.members) }
  }

  private func table(_ modules: [InspectedModule]) -> Table {
    let groups = groups(modules)
    let isLoRA = modules[0].rank != nil, isGrouped = groups.contains { $0.modules.count > 1 }
    var columns: [Table.Column] = [.init("module", priority: 0)]
    if isGrouped { columns.append(.init("×", .right, priority: 1)) }
    columns +=
      isLoRA
      ? [
        .init("r", .right, priority: 1), .init("s", .right, priority: 4), .init("‖ΔW‖", .right, priority: 1),
        .init("largest σ", priority: 2), .init("‖A‖", .right, priority: 5), .init("‖B‖", .right, priority: 5),
        .init("dead", .right, priority: 3),
      ]
      : [
        .init("tensor", priority: 1), .init("shape", priority: 1), .init("norm", .right, priority: 1),
        .init("largest σ", priority: 2),
      ]
    let rows = groups.flatMap { group -> [[Datum]] in
      let count: [Datum] = isGrouped ? [.count(group.modules.count)] : []
      let cells = isLoRA ? [Self.lora(group.modules)] : Self.plain(group.modules)
      return cells.map { [.words(Self.short(group.name))] + count + $0 }
    }
    return Table(columns: columns, rows: rows)
  }

  /// The end of a long name, which tells modules apart.
  static func short(_ name: String) -> String {
    guard !name.isEmpty else { return "(whole model)" }
    guard name.count > 34 else { return name }
    var parts = name.split(separator: ".")[...], length = name.count
    while length > 33, let first = parts.popFirst(), parts.count > 1 { length -= first.count + 1 }
    return "…" + parts.joined(separator: ".")
  }

  /// The first singular values, in two digits.
  private static func largest(_ values: [Double]) -> Datum {
    values.isEmpty ? .empty : .words(values.prefix(3).map { formatted($0, digits: 2) }.joined(separator: " "))
  }

  private static func lora(_ modules: [InspectedModule]) -> [Datum] {
    func norm(_ ending: String) -> Datum {
      span(modules.compactMap { $0.items.first { $0.key.key.hasPrefix(ending) }?.norm })
    }
    let ranks = Set(modules.compactMap(\.rank)).sorted()
    let rank =
      ranks.count < 2 ? ranks.first.map { Datum.count($0) } : .words("\(ranks[0])–\(ranks[ranks.count - 1])")
    let sigma: Datum =
      modules.count == 1
      ? largest(modules[0].singularValues)
      : span(modules.compactMap(\.singularValues.first))
    return [
      rank ?? .empty, span(modules.compactMap(\.scale)), span(modules.compactMap(\.change)), sigma,
      norm("lora_A").orNorm(of: modules, "lora_embedding_A"),
      norm("lora_B").orNorm(of: modules, "lora_embedding_B"),
      .count(modules.reduce(0) { $0 + $1.dead }),
    ]
  }

  /// A line for each tensor of the first module; of several, ranges of their norms.
  private static func plain(_ modules: [InspectedModule]) -> [[Datum]] {
    (modules.first?.items ?? []).map { item in
      let norms = modules.compactMap { module in module.items.first { $0.key.key == item.key.key }?.norm }
      let sigma = modules.count == 1 ? largest(modules[0].singularValues) : .empty
      return [
        .words(item.key.key), .words(item.key.shape.map(String.init).joined(separator: "×")), span(norms),
        sigma,
      ]
    }
  }

  /// A number, or a range of several.
  static func span(_ values: [Double]) -> Datum {
    guard let low = values.min(), let high = values.max() else { return .empty }
    return low == high ? .number(low) : .words("\(formatted(low))–\(formatted(high))")
  }
}

extension Datum {
  /// This, or the norms of another tensor where there is none.
  fileprivate func orNorm(of modules: [InspectedModule], _ key: String) -> Datum {
    guard self == .empty else { return self }
    return InspectionText.span(modules.compactMap { $0.items.first { $0.key.key == key }?.norm })
  }
}

extension InspectionText {
  /// Two adapters side by side.
  static func show(
    _ difference: AdapterDifference, of read: [AdapterInspection], isLong: Bool, _ session: Session
  ) {
    for (letter, one) in zip(["A", "B"], read) {
      session.say(.strong(letter) + StyledText("  \(one.type)  \(one.library)   ") + .code(one.path))
    }
    if difference.settings.isEmpty {
      session.say("the settings are the same")
    } else {
      let rows = difference.settings.map { one -> [Datum] in
        [.words(one.key), .words(text(one.first)), .words(text(one.second))]
      }
      let columns = ["setting", "A", "B"].map { Table.Column($0, priority: 0) }
      session.emit(.table(Table(columns: columns, rows: rows)))
    }
    let many = !isLong && difference.modules.count > few
    let groups =
      many
      ? grouped(difference.modules, by: \.name) : difference.modules.map { (name: $0.name, members: [$0]) }
    let rows = groups.map { group -> [Datum] in
      let name: Datum = .words(short(group.name))
      return [
        name, span(group.members.compactMap(\.first)), span(group.members.compactMap(\.second)),
        span(group.members.compactMap(\.difference)), span(group.members.compactMap(\.cosine)),
      ]
    }
    let columns: [Table.Column] = [
      .init("module", priority: 0), .init("‖A‖", .right, priority: 2), .init("‖B‖", .right, priority: 2),
      .init("‖A − B‖", .right, priority: 1), .init("cosine", .right, priority: 1),
    ]
    session.emit(.table(Table(columns: columns, rows: rows)))
    if difference.modules.contains(where: { $0.first == nil || $0.second == nil }) {
      session.say(
        .dim("where a number is missing, only one of the two has that module, or their shapes differ"))
    } else if difference.modules.allSatisfy({ $0.difference == 0 }) {
      session.say("every change is the same")
    }
  }

  /// A value in at most 24 characters.
  private static func text(_ value: JSON?) -> String {
    guard let value else { return "–" }
    let text = value.asString ?? (try? value.text(.line)) ?? value.kind
    return text.count > 24 ? String(text.prefix(23)) + "…" : text
  }
}
