import Events
import Options

/// `show loss`: the loss of every step so far.
public struct LossView: View {
  /// What it says of itself.
  public static let card = Card(
    "loss", "The loss of all steps so far, with its floor where known.",
    examples: ["show loss", "plot loss"])

  /// All steps.
  public init() {}

  /// Draws it.
  public func show(_ session: Session, _ subject: Subject, _ call: Call) throws {
    let series = try Self.series(subject)
    var all = [series]
    let floor = subject.task?.floor ?? 0
    if floor > 0, let first = series.x.first, let last = series.x.last {
      all.append(Curve.Series("floor", x: [first, last], y: [floor, floor]))
    }
    session.emit(.curve(Curve(all)))
    let least = series.y.indices.min { series.y[$0] < series.y[$1] } ?? 0
    var facts: [Facts.Fact] = [
      .init("steps", .count(series.y.count)), .init("first", .number(series.y.first ?? .nan)),
      .init("last", .number(series.y.last ?? .nan)), .init("lowest", .number(series.y[least])),
      .init("at step", .count(least + 1)),
    ]
    if floor > 0 { facts.append(.init("floor", .number(floor))) }
    session.emit(.facts(Facts("", facts)))
  }

  /// The losses over the steps' numbers; throws when no step was made yet.
  static func series(_ subject: Subject) throws -> Curve.Series {
    let losses = subject.trainer.state.losses.values
    guard !losses.isEmpty else {
      throw Failure(
        "no training step was made yet, so there is no loss to draw.",
        cure: "step 20 makes some;   loss() is the loss now")
    }
    return Curve.Series(
      "loss", x: losses.indices.map { Double($0 + 1) }, y: losses.map { Double(shortest: $0) })
  }
}
