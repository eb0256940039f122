import Events
import Networks
import Options

/// `merge`: a method's change into the base's weights.
public struct MergeCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "merge", "Puts a method's change into the base's weights, so that it costs nothing any more.",
    examples: ["merge", "merge lora"], changes: true)

  /// What was typed.
  public var call = Call()
  /// The attachment; the last one where none is named.
  public static var takes: Takes { Takes("[NAME]", 0...1) { _, session in session.attachmentNames } }

  /// The last one.
  public init() {}

  /// Merges and prints the largest difference of logits.
  public func run(_ session: Session) throws -> Done {
    let subject = try session.current()
    let attachment = try subject.attachment(call.text(0), at: call.places.first)
    let before = try subject.probe()
    try attachment.fold(subject.model)
    let difference = try subject.probe().largestDifference(from: before)
    session.say(StyledText("\(attachment.edits.count) sites of \(attachment.name) are in the weights now"))
    session.say(
      "max|Δlogit| " + .strong(formatted(difference)) + .dim(difference == 0 ? "" : "   float32 rounding"))
    session.say(.dim("no adapter left at run time: same answers, the base's speed; unmerge takes it out"))
    return Done()
  }
}

/// `unmerge`: a method's change out of the base's weights again.
public struct UnmergeCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "unmerge", "Takes a merged method out of the weights again: the bits from before come back.",
    examples: ["unmerge", "unmerge lora"], changes: true)

  /// What was typed.
  public var call = Call()
  /// The attachment; the last one where none is named.
  public static var takes: Takes { Takes("[NAME]", 0...1) { _, session in session.attachmentNames } }

  /// The last one.
  public init() {}

  /// Unmerges and prints the largest difference of logits.
  public func run(_ session: Session) throws -> Done {
    let subject = try session.current()
    let attachment = try subject.attachment(call.text(0), at: call.places.first)
    let before = try subject.probe()
    try attachment.unfold(subject.model)
    let difference = try subject.probe().largestDifference(from: before)
    session.say(
      StyledText("\(attachment.name) stands beside the weights again; max|Δlogit| \(formatted(difference))"))
    return Done()
  }
}
