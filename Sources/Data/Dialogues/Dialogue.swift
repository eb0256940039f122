import FileSystem
import Options

/// Who says what: `user`, `assistant`, `system`.
public struct Turn: Sendable, Equatable {
  /// Who speaks.
  public var role: String
  /// What is said.
  public var text: String

  /// A turn.
  public init(_ role: String, _ text: String) { (self.role, self.text) = (role, text) }

  /// Whether it is what the model shall learn to say.
  public var isAnswer: Bool { role == "assistant" }
}

/// Turns in order: what supervised fine-tuning learns from.
///
/// A prompt with its completion is a dialogue of two turns whose form adds nothing.
public struct Dialogue: Sendable, Equatable {
  /// The turns.
  public var turns: [Turn]
  /// Whether it came as prompt and completion, which go together as they stand.
  public var isBare = false

  /// A dialogue of turns.
  public init(_ turns: [Turn]) { self.turns = turns }

  /// A prompt and what shall follow it, as they stand.
  public init(prompt: String, completion: String) {
    turns = [Turn("user", prompt), Turn("assistant", completion)]
    isBare = true
  }
}

extension Dialogue {
  /// The dialogues of JSON lines: `{"messages": [{"role": …, "content": …}, …]}` or `{"prompt": …, "completion": …}`.
  ///
  /// Throws with the line of what is wrong; nothing half-read comes back.
  public static func lines(_ text: String, name: String) throws -> [Dialogue] {
    var found: [Dialogue] = []
    let lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
    for (i, line) in lines.enumerated() where line.contains(where: { $0 > 0x20 }) {
      let place = "\(name): line \(i + 1)"
      let object = try JSONPlace(parsing: Array(line), name: place, line: i + 1)
      guard object.members != nil else {
        throw Failure(
          "\(place) must be an object: {\"messages\": […]} or {\"prompt\": …, \"completion\": …}.")
      }
      found.append(try dialogue(object, place))
    }
    guard !found.isEmpty else { throw Failure("\(name) has no rows.", cure: "Is it the right file?") }
    return found
  }

  private static func dialogue(_ object: JSONPlace, _ place: String) throws -> Dialogue {
    guard !object["messages"].isNull else {
      guard let prompt = object["prompt"].text else { throw object["prompt"].failure("a text") }
      guard let completion = object["completion"].text else { throw object["completion"].failure("a text") }
      return Dialogue(prompt: prompt, completion: completion)
    }
    guard let messages = object["messages"].list else { throw object["messages"].failure("a list of turns") }
    let turns = try messages.map { message -> Turn in
      guard let role = message["role"].text else { throw message["role"].failure("a text") }
      guard roles.contains(role) else { throw unknown("role", role, among: roles, of: place) }
      guard let text = message["content"].text else { throw message["content"].failure("a text") }
      return Turn(role, text)
    }
    guard turns.contains(where: \.isAnswer) else {
      throw Failure(
        "\(place): no turn is the assistant's: there is nothing to learn to say.",
        cure: "Give a turn the role “assistant”")
    }
    return Dialogue(turns)
  }

  /// Who may speak.
  public static let roles = ["system", "user", "assistant"]
}
