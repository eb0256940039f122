import Engine
import Events
import Methods
import Networks
import Options
import Training

/// `attach`: a method onto the model.
public struct AttachCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "attach", "Grafts a fine-tuning method onto the model; the base is frozen.",
    use: "?lora and so on tell about each method; ?choose helps to choose one.",
    examples: [
      "attach lora", "attach lora r=4 alpha=8 on=attn.q,attn.v", "attach prompt n=4",
      "attach bitfit as=nudge",
    ],
    changes: true)

  /// A name for the attachment; empty: the method's.
  public var `as` = ""
  /// Sites and blocks.
  public var placement = Attachment.Placement()
  /// What was typed.
  public var call = Call()

  /// Its options; those of the method are handed through.
  public static var options: [Option<AttachCommand>] {
    [Option("as", \.`as`, "a name for it, where several are attached")]
      + Attachment.Placement.options.map { $0.lifted(\.placement) }
  }
  /// The method.
  public static var takes: Takes { Takes("METHOD", 1...1, takesFurther: true) { _, _ in Methods.names } }
  /// The method's options.
  public static func further(_ words: [String], _ session: Session) -> [OptionFacts] {
    guard let name = words.first, let method = try? Methods.named(name) else { return [] }
    func facts<M: TuningMethod>(_: M.Type) -> [OptionFacts] { M.options.map { $0.facts(M()) } }
    return facts(method)
  }

  /// With the method's own name and places.
  public init() {}

  /// Attaches it and says what that changed.
  public func run(_ session: Session) throws -> Done {
    let subject = try session.current()
    do {
      let method = try Methods.named(call.text(0) ?? "")
      try attach(method, subject, session)
    } catch let failure as Failure { throw failure.at(call.places.first) }
    return Done()
  }

  private func attach<M: TuningMethod>(_: M.Type, _ subject: Subject, _ session: Session) throws {
    var method = M()
    try M.options.write(call.further, into: &method, of: M.card.name)
    let model = subject.model
    model.chance = session.chance
    let added = method.count(at: try Attachment.sites(for: method, placement, in: model))
    // A value, a gradient, and what an optimizer remembers.
    try session.surroundings.check(bytes: 16 * added, for: "\(M.card.name) of \(grouped(added)) parameters")
    let packs = model.packable.filter { method.codec(for: $0) != nil && !$0.isPacked }
    let originals = packs.isEmpty ? .kept : session.originals(of: packs, in: model)
    let before = try? subject.probe(), bits = model.baseBits
    let attachment = try Attachment(
      method, to: model, name: `as`.isEmpty ? M.card.name : `as`, placement: placement, originals: originals)
    if !packs.isEmpty { session.sayPacked(model) }
    let kinds = Dictionary(grouping: attachment.parameters, by: \.leaf).sorted { $0.key < $1.key }
    var parts = kinds.prefix(7).map { leaf, all in
      "\(leaf) "
        + Set(all.map { $0.shape.map(String.init).joined(separator: "×") }).sorted().prefix(3).joined(
          separator: " ")
    }
    if kinds.count > 7 { parts.append("and \(kinds.count - 7) more: show params") }
    var line = StyledText(
      attachment.edits.isEmpty
        ? "nothing added" : "\(attachment.edits.count) site" + (attachment.edits.count == 1 ? "" : "s"))
    if !parts.isEmpty { line += StyledText("   " + parts.joined(separator: "   ")) }
    if !attachment.head.isEmpty {
      line += StyledText(
        "   and the head " + attachment.head.map { shapeText($0.shape) }.joined(separator: " "))
    }
    if let lora = method as? any ScaledMethod { line += StyledText("   scale \(formatted(lora.scale))") }
    session.say(line)
    try session.sayCounts(subject)
    for remark in method.remarks(at: attachment.edits.map(\.site)) {
      session.emit(.warning(StyledText(remark)))
    }
    if attachment.edits.contains(where: { $0.edit.base != nil }) {
      let sum = String(model.baseBits, radix: 16), isKept = model.baseBits == bits
      session.say(
        .dim(
          "base checksum \(sum), \(isKept ? "the same as before" : "CHANGED"): another weight stands in for W, which is kept"
        ))
    }
    let idle = attachment.parameters.filter { attachment.method.idle($0, in: model) != nil }
    if let reason = idle.first.flatMap({ attachment.method.idle($0, in: model) }) {
      session.say(.dim("\(grouped(idle.reduce(0) { $0 + $1.count })) of them can never move: \(reason)"))
    }
    guard let before else { return }
    let difference = try subject.probe().largestDifference(from: before)
    session.say(
      difference == 0
        ? "logits unchanged: the difference is 0 exactly" : "logits changed by up to \(formatted(difference))"
    )
  }
}

extension Session {
  /// How much trains, of how much; warns when nothing does.
  func sayCounts(_ subject: Subject) throws {
    let model = subject.model, trains = model.trainableCount
    guard trains > 0 else {
      return emit(.note(Note("0 trainable: a step would move nothing", .warning)))
    }
    let share = percentage(Double(trains) / Double(max(model.count, 1)))
    var line: StyledText =
      "trainable " + .strong(grouped(trains)) + StyledText(" of \(grouped(model.count)) (\(share)")
    line +=
      model.count == model.baseCount
      ? ")" : StyledText("; \(percentage(Double(trains) / Double(model.baseCount))) of the base)")
    say(line + StyledText("   frozen \(grouped(model.count - trains))"))
  }
}

extension Model {
  /// A checksum of all numbers of the base.
  var baseBits: UInt64 { isBlank ? 0 : directory.parameters.reduce(0) { $1.value.hash($0) } }
}

extension Subject {
  /// Logits on the batch at hand, or on a fixed row of tokens: what is compared before and after.
  func probe() throws -> Tensor {
    if let batch = try? batch() { return try model.logits(Input(batch), Pass()) }
    let context = model.size(model.architecture.sizes.context) ?? 16
    return try model.logits(model.sample(min(8, context / 2)), Pass())
  }
}
