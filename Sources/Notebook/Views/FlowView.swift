import Engine
import Events
import Networks
import Options

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `show flow`: how strongly the next step moves each module.
public struct FlowView: View {
  /// What it says of itself.
  public static let card = Card(
    "flow", "How far the next step moves each module.",
    formula: "update = log10(std(p after − p before) / std(p))",
    use: "Near −3 is usual for a whole network; a module far below the others hardly learns.",
    examples: ["show flow", "show flow lora", "show flow blocks.1"],
    notes: [
      "The update is the optimizer's real next one, learning rate and clipping included; it is not made."
    ])

  /// Parameters.
  public static var takes: Takes { .parameters }

  /// All of them.
  public init() {}

  private typealias Change = (parameter: Parameter, before: Tensor, after: Tensor)

  /// Tries the next step and lists the modules.
  public func show(_ session: Session, _ subject: Subject, _ call: Call) throws {
    let chosen = try subject.parameters(call.text(0), at: call.places.first)
    let names = Set(chosen.map(\.name))
    let next = try NextStep(subject, interrupt: session.interrupt)
    var modules: [(name: String, changes: [Change])] = []
    for change in next.changes where names.contains(change.parameter.name) {
      let module = change.parameter.name.split(separator: ".").dropLast().joined(separator: ".")
      if modules.last?.name == module {
        modules[modules.count - 1].changes.append(change)
      } else {
        modules.append((module, [change]))
      }
    }
    guard !modules.isEmpty else {
      throw Failure(
        "nothing of “\(call.text(0) ?? "")” trains, so nothing flows there.",
        cure: "show params says what trains",
        place: call.places.first)
    }
    let rows = try modules.map { try row($0.name, $0.changes, next, subject) }
    let columns: [Table.Column] = [
      .init("module", priority: 0, isWhole: true), .init("‖g‖", .right, priority: 2),
      .init("‖w‖", .right, priority: 3),
      .init("update", .right, priority: 1), .init("last steps", priority: 4),
    ]
    session.emit(.table(Table(columns: columns, rows: rows)))
    session.emit(
      .facts(
        Facts(
          "step \(next.report.step) would be",
          [.init("loss", .number(next.report.loss)), .init("lr", .number(next.report.rate))])))
    session.say(.dim("update: log10 of its size to the weight's; −3 is a thousandth a step"))
  }

  private func row(_ name: String, _ changes: [Change], _ next: NextStep, _ subject: Subject) throws
    -> [Datum]
  {
    let gradients = changes.compactMap { next.gradient(of: $0.parameter) }
    let kept = subject.trainer.state.gradients
    let history: [[Double]] = changes.map { kept.values(of: $0.parameter.name).map { Double($0) } }
    let length = history.map(\.count).max() ?? 0
    let norms = (0..<length).map { i in
      history.reduce(0.0) { $0 + (i < $1.count ? $1[i] * $1[i] : 0) }.squareRoot()
    }
    return [
      .words(name), gradients.isEmpty ? "none" : .number(Figures(gradients).norm),
      .number(Figures(changes.map(\.before)).norm), try update(changes),
      .words(sparkline(norms, columns: 10)),
    ]
  }

  /// The ratio as a power of ten, or in words where there is none.
  private func update(_ changes: [Change]) throws -> Datum {
    let moves = Figures(try changes.map { try $0.after - $0.before })
    guard moves.norm > 0 else { return "stays" }
    let weights = Figures(changes.map(\.before))
    guard weights.norm > 0 else { return "from 0" }
    // Weights that are all equal, as a fresh norm's, have no spread: then lengths are compared.
    let isSpread = weights.deviation > 0 && moves.deviation > 0
    return .number(log10(isSpread ? moves.deviation / weights.deviation : moves.norm / weights.norm))
  }
}
