import Engine
import Events
import Networks
import Options
import Training

/// `merge`: a method's change into the base's weights.
public struct MergeCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "merge", "Puts a method's change into the base's weights, so that it costs nothing any more.",
    examples: ["merge", "merge lora", "merge qlora how=requantize"],
    notes: [
      "Into a packed base there are three ways; the differences from the unmerged model are shown for each.",
      "how=dequantized: unpacked, float32, the same answers. how=requantize: packed again, rounded a second time.",
      "how=source: into the weights from before packing, which the change was not trained on.",
    ], changes: true)

  /// What a packed weight becomes.
  public var how = Attachment.Merging.dequantized
  /// What was typed.
  public var call = Call()
  /// Its options.
  public static var options: [Option<MergeCommand>] {
    [Option("how", \.how, "what a packed weight becomes")]
  }
  /// The attachment; the last one where none is named.
  public static var takes: Takes { Takes("[NAME]", 0...1) { _, session in session.attachmentNames } }

  /// The last one.
  public init() {}

  /// Merges and prints the largest difference of logits.
  public func run(_ session: Session) throws -> Done {
    let subject = try session.current()
    let attachment = try subject.attachment(call.text(0), at: call.places.first)
    let before = try subject.probe()
    let isPacked = attachment.edits.contains { $0.site.weight?.value.packing != nil }
    if isPacked && !attachment.isFolded { try compare(attachment, before, subject, session) }
    try attachment.fold(subject.model, how: how)
    let difference = try subject.probe().largestDifference(from: before)
    session.say(StyledText("\(attachment.edits.count) sites of \(attachment.name) are in the weights now"))
    session.say(
      "max|Δlogit| " + .strong(formatted(difference))
        + .dim(difference == 0 ? "" : isPacked ? "   by how=\(how.rawValue)" : "   float32 rounding"))
    let answers = isPacked && how != .dequantized ? "other answers, as the table shows" : "same answers"
    session.say(.dim("no adapter left at run time: \(answers), the base's speed; unmerge takes it out"))
    return Done()
  }

  /// What each way of merging would do to the answers, and what it would take.
  private func compare(_ it: Attachment, _ before: Tensor, _ subject: Subject, _ session: Session) throws {
    let model = subject.model, batch = try? subject.batch()
    func loss() throws -> Datum {
      guard let batch else { return "" }
      return .number(try LanguageLoss(model, batch, Pass()).loss.item)
    }
    func size() -> Datum {
      .bytes(model.directory.parameters.reduce(0) { $0 + $1.value.storage.numberBytes })
    }
    var rows: [[Datum]] = [["not merged", .number(Float(0)), try loss(), size()]]
    for way in Attachment.Merging.allCases {
      do { try it.fold(model, how: way) } catch let failure as Failure where way != how {
        rows.append([.words(way.rawValue), .words("not possible: \(failure.what)"), "", ""])
        continue
      }
      defer { try? it.unfold(model) }
      let difference = try subject.probe().largestDifference(from: before)
      rows.append([.words("how=\(way.rawValue)"), .number(difference), try loss(), size()])
    }
    let columns: [Table.Column] = [
      .init("", priority: 0), .init("max|Δlogit|", .right, priority: 0), .init("loss", .right, priority: 1),
      .init("base takes", .right, priority: 1),
    ]
    session.emit(.table(Table(columns: columns, rows: rows)))
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
