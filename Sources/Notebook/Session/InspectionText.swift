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
    let groups = groups(modules), isGrouped = groups.contains { $0.modules.count > 1 }
    let isLoRA = modules[0].rank != nil
    var columns: [Table.Column] = [.init("module", priority: 0)]
    if isGrouped { columns.append(.init("×", .right, priority: 0)) }
    let own = Self.factorColumns(isGrouped, hasDead: modules.contains { $0.dead > 0 })
    columns += isLoRA ? own.map(\.column) : Self.plainColumns
    let rows = groups.flatMap { group -> [[Datum]] in
      let lead: [Datum] = [.words(Self.short(group.name))] + (isGrouped ? [.count(group.modules.count)] : [])
      if isLoRA { return [lead + own.map { $0.cell(group.modules) }] }
      return Self.plain(group.modules).map { lead + $0 }
    }
    return Table(columns: columns, rows: rows)
  }

  private static let plainColumns: [Table.Column] = [
    .init("tensor", priority: 0), .init("shape", priority: 1), .init("norm", .right, priority: 0),
    .init("largest σ", priority: 2),
  ]

  /// The columns of low-rank products, and what stands in them for some modules.
  private static func factorColumns(_ isGrouped: Bool, hasDead: Bool) -> [(
    column: Table.Column, cell: ([InspectedModule]) -> Datum
  )] {
    func norm(_ keys: [String]) -> ([InspectedModule]) -> Datum {
      { span($0.compactMap { module in module.items.first { keys.contains($0.key.key) }?.norm }) }
    }
    var columns: [(column: Table.Column, cell: ([InspectedModule]) -> Datum)] = [
      (.init("r", .right, priority: 0), { span($0.compactMap { $0.rank.map(Double.init) }) }),
      (.init("s", .right, priority: 0), { span($0.compactMap(\.scale)) }),
      (.init("‖ΔW‖", .right, priority: 0), { span($0.compactMap(\.change)) }),
      (
        .init("largest σ", priority: 1),
        { $0.count == 1 ? largest($0[0].singularValues) : span($0.compactMap(\.singularValues.first)) }
      ),
    ]
    if !isGrouped {
      columns += [
        (.init("‖A‖", .right, priority: 2), norm(["lora_A.weight", "lora_embedding_A"])),
        (.init("‖B‖", .right, priority: 2), norm(["lora_B.weight", "lora_embedding_B"])),
      ]
    }
    if hasDead {
      columns.append((.init("dead", .right, priority: 0), { .count($0.reduce(0) { $0 + $1.dead }) }))
    }
    return columns
  }

  /// A long name by its first word and its end, which tell modules apart.
  static func short(_ name: String) -> String {
    guard !name.isEmpty else { return "(whole model)" }
    guard name.count > 34 else { return name }
    var parts = name.split(separator: ".")[...]
    let first = String(parts.removeFirst())
    while parts.count > 1, first.count + 1 + parts.joined(separator: ".").count > 34 { parts.removeFirst() }
    return first + "…" + parts.joined(separator: ".")
  }

  /// The first singular values, in two digits.
  private static func largest(_ values: [Double]) -> Datum {
    values.isEmpty ? .empty : .words(values.prefix(3).map { formatted($0, digits: 2) }.joined(separator: " "))
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
