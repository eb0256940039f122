import Events
import Networks
import Options

/// `settle`: what a method has learned, without the network that made it.
public struct SettleCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "settle", "Drops a method's encoder and keeps only its result: the model answers as before.",
    use:
      "For prefix and ptuning once they are trained: the network was for training only. undo brings it back.",
    examples: ["settle", "settle prefix"],
    notes: [
      "The largest difference of logits is shown. What is kept may go on training, by itself.",
      "save adapter does the same to what it writes; the attachment keeps its encoder then.",
    ], changes: true)

  /// What was typed.
  public var call = Call()
  /// The attachment; the last one where none is named.
  public static var takes: Takes { Takes("[NAME]", 0...1) { _, session in session.attachmentNames } }

  /// The last one.
  public init() {}

  /// Settles and prints what was dropped, and the largest difference of logits.
  public func run(_ session: Session) throws -> Done {
    let subject = try session.current()
    let attachment = try subject.attachment(call.text(0), at: call.places.first)
    let before = try subject.probe(), old = attachment.parameters
    let smaller: Attachment
    do { smaller = try attachment.settle(in: subject.model) } catch let failure as Failure {
      throw failure.at(call.places.first)
    }
    subject.trainer.state.moved.subtract(old.map(\.name))
    let was = old.reduce(0) { $0 + $1.count }, now = smaller.parameters.reduce(0) { $0 + $1.count }
    session.say(
      StyledText("\(smaller.name) had \(grouped(was)) numbers and keeps \(grouped(now)): ")
        + .strong("\(bytes(4 * max(0, was - now))) dropped"))
    let names = Set(old.map(\.leaf)).subtracting(smaller.parameters.map(\.leaf)).sorted()
    session.say(.dim("gone: " + names.prefix(8).joined(separator: " ") + (names.count > 8 ? " …" : "")))
    let difference = try subject.probe().largestDifference(from: before)
    session.say("max|Δlogit| " + .strong(formatted(difference)))
    try session.sayCounts(subject)
    return Done()
  }
}
