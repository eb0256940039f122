import Data
import Events
import Options
import Training

extension EvalCommand {
  /// Puts the held-out pairs in order and says how well, by how far people agree.
  static func showPairs(
    _ source: PairBatches, _ subject: Subject, _ session: Session, _ isBase: Bool, _ before: Evaluation?
  ) throws -> Evaluation {
    let found = try PairEvaluation(source, subject, session, isBase)
    let range = Statistics.wilson(right: found.right, of: found.count)
    session.say(
      StyledText("pairs in the right order ") + .strong(percentage(found.accuracy))
        + (before.map { .dim(" (was \(percentage($0.accuracy)))") } ?? "")
        + StyledText("   95 % interval \(percentage(range.lowerBound)) to \(percentage(range.upperBound))"))
    session.emit(
      .facts(
        Facts(
          "",
          [
            .init("margin", .number(found.margin)), .init("loss", .number(found.loss)),
            .init("calibration error", .number(found.calibrationError)),
            .init("raters agree", .percent(found.ceiling)),
          ])))
    let bands = [(0.5, 0.6), (0.6, 0.7), (0.7, 0.8), (0.8, 0.9), (0.9, 1.0)]
    let rows = bands.compactMap { low, high -> [Datum]? in
      let own = found.within(low, high)
      guard own.count > 0 else { return nil }
      return [
        .words("\(percentage(low)) – \(percentage(high))"), .count(own.count), .percent(own.accuracy),
        .percent(own.ceiling), .number(own.margin),
      ]
    }
    let columns: [Table.Column] = [
      .init("raters who agree", priority: 0), .init("pairs", .right, priority: 1),
      .init("right", .right, priority: 0), .init("mean agreement", .right, priority: 2),
      .init("margin", .right, priority: 3),
    ]
    session.emit(.table(Table(columns: columns, rows: rows)))
    return found.summary
  }
}

extension PairEvaluation {
  /// Of a subject's held-out pairs.
  init(_ source: PairBatches, _ subject: Subject, _ session: Session, _ isBase: Bool) throws {
    guard !source.heldOut.isEmpty else {
      throw Failure(
        "\(source.name) holds no pairs back to measure on.", cure: "Give them a share: split=80,0,20")
    }
    let beta = (subject.trainer.state.objective as? DPO)?.beta ?? 1
    try self.init(
      subject.model, source.evaluation(), beta: beta, isBase: isBase, interrupt: session.interrupt)
  }

  /// In the figures that every evaluation has.
  var summary: Evaluation {
    Evaluation(loss: loss, accuracy: accuracy, firstAccuracy: accuracy, counted: count)
  }
}
