import Options

/// One turn of a talk.
public struct ChatMessage: Sendable, Equatable {
  /// Who speaks: `system`, `user` or `assistant`.
  public let role: String
  /// What is said.
  public let content: String

  /// A turn from its parts.
  public init(_ role: String, _ content: String) { (self.role, self.content) = (role, content) }
}

/// How a model's makers write a talk as one text. Templates come as small programs (Jinja); a few are known by name,
/// told by their marks, and written here by plain functions. No program is run.
public struct ChatTemplate: Sendable, Equatable {
  /// The known ones.
  public enum Kind: String, Sendable, CaseIterable {
    case chatML = "ChatML"
    case llama2 = "Llama 2"
    case llama3 = "Llama 3"
    case zephyr = "Zephyr"
  }

  /// Which it is.
  public let kind: Kind
  /// What the system says where a talk does not begin with it.
  public let system: String?
  /// Whether white space around what is said is taken off.
  public let trims: Bool
  /// Whether the answer is begun even where nobody asked for it, as Llama 3's first template does.
  public let alwaysPrompts: Bool

  /// Tells a template by its text; throws, with the first line, for one that is not known.
  public init(jinja text: String) throws {
    let strange = [
      "tools", "tool_call", "strftime", "date_string", "namespace(", "thinking", "reasoning", "macro ",
    ]
    func has(_ part: String) -> Bool { text.contains(part) }
    let found: Kind?
    if strange.contains(where: has) {
      found = nil
    } else if has("<|im_start|>"), has("<|im_end|>") {
      found = .chatML
    } else if has("<|start_header_id|>"), has("<|eot_id|>") {
      found = .llama3
    } else if has("[INST]"), has("<<SYS>>") {
      found = .llama2
    } else if has("<|user|>"), has("<|assistant|>"), has("<|system|>"), has("eos_token") {
      found = .zephyr
    } else {
      found = nil
    }
    guard let found else { throw Self.unknown(text) }
    kind = found
    system = found == .chatML ? Self.usualSystem(text) : nil
    trims = found == .llama2 || has("| trim") || has("|trim") || has(".strip()")
    alwaysPrompts = found == .llama3 && !has("add_generation_prompt")
  }

  /// A template by its name, as its makers first published it.
  public init(_ kind: Kind) {
    self.kind = kind
    (system, alwaysPrompts) = (nil, false)
    trims = kind == .llama2 || kind == .llama3
  }

  private static func unknown(_ text: String) -> Failure {
    let line = text.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
    return Failure(
      "the model's chat template is none that Graft writes: “\(line.prefix(70))\(line.count > 70 ? "…" : "")”",
      cure: "Write the talk as the model's makers do, in plain text: gen \"…\"",
      details: ["Graft writes " + Kind.allCases.map(\.rawValue).joined(separator: ", ") + "."])
  }

  /// The system's usual words, which stand in the text as a literal.
  private static func usualSystem(_ text: String) -> String? {
    let plain = text.replacing("\\n", with: "\n"), head = "<|im_start|>system\n"
    guard let start = plain.firstRange(of: head),
      let end = plain[start.upperBound...].firstRange(of: "<|im_end|>")
    else { return nil }
    let words = plain[start.upperBound..<end.lowerBound]
    return words.contains("'") || words.contains("{") ? nil : String(words)
  }
}
