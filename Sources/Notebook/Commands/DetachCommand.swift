import Events
import Networks
import Options

/// `detach`: a method off the model again.
public struct DetachCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "detach", "Takes a method off the model; the base comes back bit for bit.",
    examples: ["detach", "detach lora"], changes: true)

  /// What was typed.
  public var call = Call()
  /// The attachment; the last one where none is named.
  public static var takes: Takes { Takes("[NAME]", 0...1) { _, session in session.attachmentNames } }

  /// The last one.
  public init() {}

  /// Takes it off.
  public func run(_ session: Session) throws -> Done {
    let subject = try session.current()
    let attachment = try subject.attachment(call.text(0), at: call.places.first)
    let wasPacking = subject.model.packed.contains(where: attachment.packs)
    try attachment.detach(from: subject.model)
    let restored = subject.model.directory.parameters.filter(attachment.claims)
    subject.trainer.state.moved.subtract((attachment.parameters + restored).map(\.name))
    session.say(StyledText("\(attachment.name) is off; undo puts it back as it was"))
    if wasPacking {
      session.say(
        subject.model.packed.isEmpty
          ? "the weights it had packed are the base's own again, bit for bit"
          : "the base stays packed: its float32 weights were let go when \(attachment.name) was attached")
    }
    try session.sayCounts(subject)
    return Done()
  }
}

extension Session {
  /// Names of what is attached to the current model.
  var attachmentNames: [String] { currentSubject?.model.attachments.map(\.name) ?? [] }
}

extension Subject {
  /// The attachment of a name, or the last one where none is given.
  func attachment(_ name: String?, at place: Range<Int>? = nil) throws -> Attachment {
    guard let last = model.attachments.last else {
      throw Failure("nothing is attached to \(self.name).", cure: "attach lora", place: place)
    }
    guard let name else { return last }
    guard let found = model.attachments.first(where: { $0.name == name }) else {
      throw unknown("attachment", name, among: model.attachments.map(\.name), of: self.name).at(place)
    }
    return found
  }
}
