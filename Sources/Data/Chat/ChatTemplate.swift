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

extension ChatTemplate {
  /// A talk as one text; `begin` and `end` are the texts of the tokens that begin and end a text, and with `prompt` the
  /// assistant's answer is begun. Throws for talks that the template refuses.
  public func text(_ messages: [ChatMessage], begin: String, end: String, prompt: Bool = true) throws
    -> String
  {
    for message in messages where !["system", "user", "assistant"].contains(message.role) {
      throw Options.unknown("role", message.role, among: ["system", "user", "assistant"])
    }
    switch kind {
    case .chatML: return chatML(messages, prompt)
    case .llama2: return try llama2(messages, begin, end)
    case .llama3: return llama3(messages, begin, prompt || alwaysPrompts)
    case .zephyr: return zephyr(messages, end, prompt)
    }
  }

  private func said(_ message: ChatMessage) -> String {
    trims ? Self.trimmed(message.content) : message.content
  }

  /// Without white space at both ends.
  static func trimmed(_ text: String) -> String {
    let scalars = text.unicodeScalars
    let isSpace = { (scalar: Unicode.Scalar) in
      scalar.properties.isWhitespace || (0x1C...0x1F).contains(scalar.value)
    }
    guard let first = scalars.firstIndex(where: { !isSpace($0) }),
      let last = scalars.lastIndex(where: { !isSpace($0) })
    else { return "" }
    return String(scalars[first...last])
  }

  private func chatML(_ messages: [ChatMessage], _ prompt: Bool) -> String {
    var talk = messages
    if let system, let first = messages.first, first.role != "system" {
      talk.insert(ChatMessage("system", system), at: 0)
    }
    let turns = talk.map { "<|im_start|>\($0.role)\n\(said($0))<|im_end|>\n" }.joined()
    return turns + (prompt ? "<|im_start|>assistant\n" : "")
  }

  private func llama2(_ messages: [ChatMessage], _ begin: String, _ end: String) throws -> String {
    var talk = messages, out = ""
    let system = talk.first?.role == "system" ? talk.removeFirst().content : nil
    for (i, message) in talk.enumerated() {
      guard (message.role == "user") == (i % 2 == 0) else {
        throw Failure(
          "a talk for Llama 2 goes by turns: user, assistant, user, …", cure: "Put the turns in order.")
      }
      if message.role == "user" {
        let head = i == 0 ? system.map { "<<SYS>>\n\($0)\n<</SYS>>\n\n" } ?? "" : ""
        out += "\(begin)[INST] \(Self.trimmed(head + message.content)) [/INST]"
      } else {
        out += " \(said(message)) \(end)"
      }
    }
    return out
  }

  private func llama3(_ messages: [ChatMessage], _ begin: String, _ prompt: Bool) -> String {
    let turns = messages.map { "<|start_header_id|>\($0.role)<|end_header_id|>\n\n\(said($0))<|eot_id|>" }
      .joined()
    return begin + turns + (prompt ? "<|start_header_id|>assistant<|end_header_id|>\n\n" : "")
  }

  private func zephyr(_ messages: [ChatMessage], _ end: String, _ prompt: Bool) -> String {
    let turns = messages.map { "<|\($0.role)|>\n\(said($0))\(end)\n" }.joined()
    return turns + (prompt ? "<|assistant|>\n" : "")
  }
}
