import Engine
import Events
import Networks
import Options

/// `show act`: what a site gives.
public struct ActView: View {
  /// What it says of itself.
  public static let card = Card(
    "act", "What a place gives: statistics and a histogram.",
    examples: ["show act blocks.0.mlp.up", "show act blocks.1 text=\"eg\""],
    notes: ["It runs on the batch that the next step will use, in evaluation mode; act(PLACE) is the tensor."]
  )

  /// A text to run on instead of the batch.
  public var text = ""

  /// Its options.
  public static var options: [Option<ActView>] {
    [Option("text", \.text, "a text to run on; without one, the batch of the next step")]
  }
  /// The place.
  public static var takes: Takes {
    Takes("PLACE", 1...1) { _, session in session.currentSubject?.model.sites.map(\.name) ?? [] }
  }

  /// On the batch.
  public init() {}

  /// Runs the model and shows it.
  public func show(_ session: Session, _ subject: Subject, _ call: Call) throws {
    let name = call.text(0) ?? ""
    guard let site = try subject.named(name, at: call.places.first).first else { return }
    let look = try subject.look(subject.reading(text), interrupt: session.interrupt) {
      $0 === site || $0 === site.whole
    }
    guard let y = look.trace.outputs[site.name] else {
      throw Failure(
        "\(site.name) did not run.", cure: "trace lists the places that did", place: call.places.first)
    }
    let figures = Figures(y)
    let zeros =
      figures.zeros == 0 ? Datum.count(0) : .percent(Double(figures.zeros) / Double(max(1, figures.count)))
    session.emit(
      .facts(
        Facts(
          .strong(site.name),
          [
            .init("gives", .words(shapeText(y.shape))), .init("mean", .number(figures.mean)),
            .init("std", .number(figures.deviation)), .init("min", .number(figures.least)),
            .init("max", .number(figures.greatest)), .init("exact zeros", zeros),
          ])))
    session.emit(.histogram(Histogram("", values: y.scalars)))
    session.say(.dim("run on \(look.reading.name)"))
  }
}
