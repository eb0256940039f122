import Engine
import Events
import Networks
import Options

/// `hook`: an experiment at a place of the model: what it gives is zeroed or scaled.
public struct HookCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "hook", "Zeroes or scales what a place of the model gives, to see what it is good for.",
    formula: "y ← 0        y ← x·y with scale x",
    use: "It lasts for the next command only; keep makes it stay until hook off.",
    examples: [
      "hook blocks.0.attn zero", "hook blocks.1.mlp.down scale 0.5 keep", "hook blocks.1.mlp.down off",
      "hook off",
    ],
    notes: [
      "It acts in every run but those of the base, attachments included; gradients see it too.",
      "A step that forward began is forgotten when hooks change: its tape ran without them.",
    ], changes: true)

  /// Whether it stays.
  public var keep = false
  /// What was typed.
  public var call = Call()

  /// Its options.
  public static var options: [Option<HookCommand>] {
    [Option("keep", \.keep, "until hook off, not for the next command only")]
  }
  /// The place and what is done there.
  public static var takes: Takes {
    Takes("[PLACE zero | scale X | off]", 0...3) { before, session in
      switch before.count {
      case 0: return (session.currentSubject?.model.sites.map(\.name) ?? []) + ["off"]
      case 1: return before[0] == "off" ? [] : ["zero", "scale", "off"]
      default: return []
      }
    }
  }

  /// Nothing yet.
  public init() {}

  /// Places hooks, takes them away, or lists them.
  public func run(_ session: Session) throws -> Done {
    let subject = try session.current()
    guard let name = call.text(0) else {
      list(subject, session)
      return .unrecorded
    }
    let isAllOff = name == "off" && call.words.count == 1
    let sites = isAllOff ? subject.model.sites : try subject.named(name, at: call.places.first)
    let action = isAllOff ? "off" : call.text(1)
    guard let action else {
      throw Failure(
        "hook \(name): what shall happen there?", cure: "zero, scale X, or off", place: call.places.first)
    }
    if action == "off" {
      guard call.words.count < 3 else { throw Failure("off takes nothing after it.", place: call.places[2]) }
      return try end(at: sites, subject, session)
    }
    let factor = try self.factor(action)
    let before = try? subject.probe()
    for site in sites { subject.place(Hook(site, factor: factor, isBrief: !keep)) }
    let places = sites.count == 1 ? sites[0].name : "\(sites.count) places"
    session.say(
      .strong(places) + StyledText(sites.count == 1 ? " gives " : " give ")
        + StyledText(action == "zero" ? "0" : "\(formatted(factor)) times as much")
        + StyledText(keep ? " until hook off" : " in the next command only"))
    if let before {
      let difference = try subject.probe().largestDifference(from: before)
      session.say(
        StyledText(
          difference == 0
            ? "logits unchanged: the difference is 0 exactly"
            : "logits changed by up to \(formatted(difference))"))
    }
    return Done()
  }

  private func factor(_ action: String) throws -> Float {
    guard action == "zero" || action == "scale" else {
      throw unknown("hook", action, among: ["zero", "scale", "off"]).at(call.places[1])
    }
    guard action == "scale" else {
      guard call.words.count < 3 else { throw Failure("zero takes nothing after it.", place: call.places[2]) }
      return 0
    }
    guard call.words.count > 2, let x = call.words[2].asNumber, x.isFinite else {
      throw Failure(
        "scale needs a number.", cure: "For example hook \(call.text(0) ?? "") scale 0.5",
        place: call.places.last)
    }
    return Float(x)
  }

  private func end(at sites: [Site], _ subject: Subject, _ session: Session) throws -> Done {
    let gone = subject.removeHooks { hook in sites.contains { $0 === hook.site } }
    guard gone > 0 else {
      throw Failure("there is no hook to take away.", cure: "hook lists them", place: call.places.first)
    }
    let left = subject.hooks.count
    session.say(
      StyledText(
        "\(gone) hook\(gone == 1 ? "" : "s") off; \(left == 0 ? "none is" : "\(left)") left"
      ))
    return Done()
  }

  private func list(_ subject: Subject, _ session: Session) {
    guard !subject.hooks.isEmpty else {
      return session.say("no hooks: hook blocks.0.attn zero tries what happens without it")
    }
    let rows = subject.hooks.map {
      [
        Datum.words($0.site.name), .words($0.text),
        .words($0.isBrief ? "for the next command" : "until hook off"),
      ]
    }
    session.emit(.table(Table(columns: ["hook", "does", "lasts"], rows: rows)))
  }
}
