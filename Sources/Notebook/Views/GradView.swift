import Engine
import Events
import Networks
import Options

/// `show grad`: the gradients that the next step would follow.
public struct GradView: View {
  /// What it says of itself.
  public static let card = Card(
    "grad", "The gradients that the next step would follow.", formula: "g = ∂loss/∂p",
    use: "A norm of exactly 0 prints 0: the loss does not change with that parameter, to first order.",
    examples: ["show grad", "show grad lora", "show grad blocks.1"])

  /// Parameters.
  public static var takes: Takes { .parameters }

  /// All of them.
  public init() {}

  /// Computes and lists them.
  public func show(_ session: Session, _ subject: Subject, _ call: Call) throws {
    let chosen = try subject.parameters(call.text(0), at: call.places.first).filter(\.isTrainable)
    guard !chosen.isEmpty || subject.model.trainable.isEmpty else {
      throw Failure(
        "nothing of “\(call.text(0) ?? "")” trains, so nothing has a gradient.",
        cure: "show params says what trains;   thaw \(call.text(0) ?? "") lets it", place: call.places.first)
    }
    let next = try NextStep(subject, interrupt: session.interrupt)
    let rows = chosen.map { row($0, next.gradient(of: $0)) }
    let columns: [Table.Column] = [
      .init("parameter", priority: 0, isWhole: true), .init("shape", priority: 2),
      .init("‖grad‖", .right, priority: 1),
      .init("largest", .right, priority: 3), .init("at", priority: 4),
    ]
    session.emit(.table(Table(columns: columns, rows: rows)))
    var facts: [Facts.Fact] = [
      .init("loss", .number(next.report.loss)), .init("‖grad‖ of all", .number(next.report.gradientNorm)),
    ]
    if next.report.clipped < 1 { facts.append(.init("clipped to", .number(subject.trainer.state.clip))) }
    session.emit(.facts(Facts("step \(next.report.step)", facts)))
    if chosen.contains(where: { next.gradient(of: $0) == nil }) {
      session.say(.dim("none: the loss of this batch does not depend on it at all"))
    }
  }

  private func row(_ parameter: Parameter, _ gradient: Tensor?) -> [Datum] {
    let start: [Datum] = [.words(parameter.name), .words(shapeText(parameter.shape))]
    guard let gradient else { return start + ["none", .empty, .empty] }
    let values = gradient.scalars
    guard let most = values.indices.max(by: { abs(values[$0]) < abs(values[$1]) }), values[most] != 0 else {
      return start + [.number(gradient.norm), 0, .empty]
    }
    return start + [.number(gradient.norm), .number(values[most]), .words(Self.place(most, parameter.shape))]
  }

  /// `[3, 17]`: where a flat index lies.
  static func place(_ index: Int, _ shape: [Int]) -> String {
    var left = index, parts: [Int] = []
    for size in shape.reversed() {
      parts.append(left % max(size, 1))
      left /= max(size, 1)
    }
    return "[" + parts.reversed().map(String.init).joined(separator: ", ") + "]"
  }
}
