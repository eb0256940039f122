import Events
import Networks
import Options

/// `freeze`: parameters that training must not move.
public struct FreezeCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "freeze", "Keeps parameters from moving, whatever is attached.",
    examples: ["freeze *.bias", "freeze blocks.0.*", "freeze lora"],
    changes: true)

  /// What was typed.
  public var call = Call()
  /// Patterns of parameter names, or attachments.
  public static var takes: Takes { Takes("NAME,…", 1...20) { _, session in session.parameterPatterns } }

  /// Nothing named yet.
  public init() {}

  /// Pins them.
  public func run(_ session: Session) throws -> Done { try session.pin(call, false) }
}

/// `thaw`: parameters that training shall move again.
public struct ThawCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "thaw", "Lets parameters move, whatever is attached.",
    examples: ["thaw norm.weight", "thaw blocks.1.*", "thaw lora"],
    changes: true)

  /// What was typed.
  public var call = Call()
  /// Patterns of parameter names, or attachments.
  public static var takes: Takes { Takes("NAME,…", 1...20) { _, session in session.parameterPatterns } }

  /// Nothing named yet.
  public init() {}

  /// Pins them.
  public func run(_ session: Session) throws -> Done { try session.pin(call, true) }
}

extension Session {
  /// Names that freeze and thaw complete.
  var parameterPatterns: [String] { attachmentNames + (currentSubject?.model.parameters.map(\.name) ?? []) }

  fileprivate func pin(_ call: Call, _ isTrained: Bool) throws -> Done {
    let subject = try current(), model = subject.model
    var count = 0
    for (word, place) in zip(call.words, call.places) {
      for text in word.elements.compactMap(\.asText) {
        var found = model.attachments.first { $0.name == text }?.parameters ?? []
        let pattern = SitePattern(text), whole = text.hasSuffix(".*") ? String(text.dropLast(1)) : nil
        if found.isEmpty {
          found = model.parameters.filter { pattern.matches($0.name) || whole.map($0.name.hasPrefix) == true }
        }
        guard !found.isEmpty else {
          throw unknown("parameter", text, among: model.parameters.map(\.name)).at(place)
        }
        if isTrained, let packed = found.first(where: \.isPacked) {
          throw Failure(
            "\(packed.name) is packed into \(packed.value.packing?.form.name ?? "codes"), and codes cannot train.",
            cure: "attach lora trains beside them", place: place)
        }
        for parameter in found { parameter.pin = isTrained }
        count += found.count
      }
    }
    model.refreshTrainable()
    say(StyledText("\(count) tensor\(count == 1 ? "" : "s") \(isTrained ? "thawed" : "frozen")"))
    try sayCounts(subject)
    return Done()
  }
}
