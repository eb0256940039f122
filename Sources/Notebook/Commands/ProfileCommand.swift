import Engine
import Events
import Networks
import Options

/// `profile`: where the time and the memory of a training step go.
public struct ProfileCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "profile", "Measures the next training step: time, calls, memory and speed by op, site or block.",
    examples: ["profile", "profile by=site", "profile blocks.0", "profile by=block runs=20"],
    notes: [
      "The step is tried out, once to warm up and then again and again; nothing moves. Shown is the run of median",
      "time, so that its rows add up.",
      "A row's time begins where the op before it ended. What belongs to no op is outside of ops.",
      "takes: bytes of memory that it asked for. holds: those of them that were in use at the fullest moment.",
      "speed: floating-point operations a second in products and attention, as a share of what products of 384 × 384",
      "reach just now. Ops without a speed move memory and count nothing.",
      "by=site adds up the same site of all blocks; with a place, sites stand by themselves.",
    ])

  /// By what rows are added up.
  public enum By: String, CaseIterable, Sendable { case op, site, block }

  /// By what rows are added up.
  public var by = By.op
  /// How many runs are measured; 0: for a third of a second.
  public var runs = 0
  /// The most rows.
  public var top = 16
  /// What was typed.
  public var call = Call()

  /// Its options.
  public static var options: [Option<ProfileCommand>] {
    [
      Option("by", \.by, "what rows are added up by"),
      Option("runs", \.runs, "runs to measure; 0: as many as fit into a third of a second", in: 0...10_000),
      Option("top", \.top, "the most rows; the others are added up in one", in: 1...10_000),
    ]
  }
  /// Places.
  public static var takes: Takes { .sites }

  /// The whole step by op.
  public init() {}

  /// Measures and shows it.
  public func run(_ session: Session) throws -> Done {
    let subject = try session.current(), place = call.text(0)
    let chosen = try place.map { try Set(subject.sites($0, at: call.places.first).map(\.name)) }
    let step = try StepProfile(subject, runs: runs, interrupt: session.interrupt)
    let sites = Dictionary(subject.model.sites.map { ($0.name, $0) }) { first, _ in first }
    let rows = step.rows { lap in
      if let chosen, !chosen.contains(lap.place) { return nil }
      guard by != .op else { return lap.op }
      guard let site = sites[lap.place] else { return lap.phase == .update ? "(parameters)" : "(no site)" }
      switch by {
      case .block: return site.block ?? site.name
      case _ where chosen == nil: return site.layer == nil ? site.name : site.name(inEveryBlock: "*")
      default: return site.name
      }
    }
    guard !rows.isEmpty else {
      throw Failure(
        "nothing ran at “\(place ?? "")” in this step.", cure: "trace lists what runs",
        place: call.places.first)
    }
    show(step, rows, session)
    return .unrecorded
  }

  private func show(_ step: StepProfile, _ rows: [StepProfile.Row], _ session: Session) {
    session.emit(
      .facts(
        Facts(
          "a step",
          [Facts.Fact("", .seconds(step.seconds))]
            + Profile.Phase.allCases.compactMap { phase in
              let seconds = step.seconds(phase)
              return seconds == 0 ? nil : .init(phase.rawValue, .seconds(seconds))
            } + [.init("threads", .count(Threads.shared.count))])))
    // What is measured is not known beyond a microsecond, and a share not beyond a thousandth.
    func time(_ seconds: Double) -> Datum { .seconds((seconds * 1e6).rounded() / 1e6) }
    func share(_ part: Double) -> Datum { .percent((part * 1e3).rounded() / 1e3) }
    let shown = rows.prefix(top), others = rows.dropFirst(top)
    var cells = shown.map { row -> [Datum] in
      [
        .words(row.name), .words(row.phase.rawValue), .count(row.calls), time(row.seconds),
        share(row.seconds / step.seconds), .bytes(row.made), .bytes(row.held),
        row.operations == 0 ? .empty : share(row.operations / row.seconds / step.speed / 1e9),
      ]
    }
    func rest(_ name: String, _ calls: Datum, _ seconds: Double) {
      cells.append([.text(.dim(name)), .empty, calls, time(seconds), share(seconds / step.seconds)])
    }
    if !others.isEmpty {
      rest(
        "\(counted(others.count, "row")) more", .count(others.reduce(0) { $0 + $1.calls }),
        others.reduce(0) { $0 + $1.seconds })
    }
    if call.words.isEmpty {
      rest("outside of ops", .empty, max(0, step.seconds - step.laps.reduce(0) { $0 + $1.seconds }))
    }
    let operations = step.laps.reduce(0) { $0 + $1.operations }
    let columns: [Table.Column] = [
      .init(by.rawValue, priority: 0, isWhole: true), .init("when", priority: 0),
      .init("calls", .right, priority: 3),
      .init("time", .right, priority: 0), .init("share", .right, priority: 1),
      .init("takes", .right, priority: 4), .init("holds", .right, priority: 2),
      .init("speed", .right, priority: 2),
    ]
    session.emit(.table(Table(columns: columns, rows: cells)))
    session.emit(
      .facts(
        Facts(
          "",
          [
            .init("most memory at once, beyond the weights", .bytes(step.peak)),
            .init("products and attention", .words(formatted(operations / 1e9) + " GFLOP")),
            .init("products just now", .words(formatted(step.speed) + " GFLOP/s")),
            .init("fastest of \(counted(step.runs, "run"))", .seconds(step.least)),
          ])))
  }
}

extension Site {
  /// Its name with another word for the number of its block.
  fileprivate func name(inEveryBlock word: String) -> String {
    guard let block else { return name }
    return block.split(separator: ".").dropLast().joined(separator: ".") + ".\(word)"
      + (localName.isEmpty ? "" : "." + localName)
  }
}
