import Engine
import Events
import Networks
import Options

/// `on`: attachments that were off answer again.
public struct OnCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "on", "Switches attachments on; several that are on add up.",
    examples: ["on lora", "on french only"], notes: ["only switches all others off."], changes: true)

  /// Whether all others go off.
  public var only = false
  /// What was typed.
  public var call = Call()

  /// Its options.
  public static var options: [Option<OnCommand>] { [Option("only", \.only, "switch all others off")] }
  /// Attachments; the last one where none is named.
  public static var takes: Takes { Takes("[NAME …]", 0...20) { _, session in session.attachmentNames } }

  /// The last one.
  public init() {}

  /// Switches them on.
  public func run(_ session: Session) throws -> Done { try session.turn(call, on: true, isOnly: only) }
}

/// `off`: attachments stay where they are, and the model answers without them.
public struct OffCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "off", "Switches attachments off: the model answers as if they were not there.",
    use: "To compare with and without, or to choose among several. detach takes one away for good.",
    examples: ["off", "off lora"], changes: true)

  /// What was typed.
  public var call = Call()
  /// Attachments; the last one where none is named.
  public static var takes: Takes { Takes("[NAME …]", 0...20) { _, session in session.attachmentNames } }

  /// The last one.
  public init() {}

  /// Switches them off.
  public func run(_ session: Session) throws -> Done { try session.turn(call, on: false, isOnly: false) }
}

extension Session {
  fileprivate func turn(_ call: Call, on isOn: Bool, isOnly: Bool) throws -> Done {
    let subject = try current(), model = subject.model
    let names = call.words.indices.map { (call.text($0), call.places[$0]) }
    let chosen =
      try names.isEmpty
      ? [subject.attachment(nil)] : names.map { try subject.attachment($0.0 ?? "", at: $0.1) }
    let before = try? subject.probe()
    for attachment in chosen { attachment.isOn = isOn }
    if isOnly {
      for one in model.attachments where !chosen.contains(where: { $0 === one }) { one.isOn = false }
    }
    let lit = model.attachments.filter(\.isOn).map(\.name), dark = model.attachments.filter { !$0.isOn }
    var line = StyledText("on: \(lit.isEmpty ? "none, the base alone" : lit.joined(separator: ", "))")
    if !dark.isEmpty { line += .dim("   off: \(dark.map(\.name).joined(separator: ", "))") }
    say(line)
    if let before, let difference = try? subject.probe().largestDifference(from: before) {
      say(
        difference == 0
          ? "logits unchanged: the difference is 0 exactly"
          : "logits changed by up to \(formatted(difference))"
      )
    }
    try sayCounts(subject)
    return Done()
  }
}
