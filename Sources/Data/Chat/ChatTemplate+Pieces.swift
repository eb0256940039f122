import Options

extension ChatTemplate {
  typealias Piece = DialogueForm.Piece

  /// A talk as one text; `begin` and `end` are the texts of the tokens that begin and end a text, and with `prompt` the
  /// assistant's answer is begun. Throws for talks that the template refuses.
  public func text(_ messages: [ChatMessage], begin: String, end: String, prompt: Bool = true) throws
    -> String
  {
    try pieces(messages, begin: begin, end: end).map { $0.text ?? "" }.joined()
      + (prompt || alwaysPrompts ? opening : "")
  }

  /// A talk in pieces, which say what is the assistant's: its words and the mark that ends them. Without a text for the
  /// end of text that mark is a piece of its own.
  func pieces(_ messages: [ChatMessage], begin: String, end: String?) throws -> [Piece] {
    for message in messages where !["system", "user", "assistant"].contains(message.role) {
      throw Options.unknown("role", message.role, among: ["system", "user", "assistant"])
    }
    switch kind {
    case .chatML: return chatML(messages)
    case .llama2: return try llama2(messages, begin, end)
    case .llama3: return llama3(messages, begin)
    case .zephyr: return zephyr(messages, end)
    }
  }

  /// What begins an answer.
  private var opening: String {
    switch kind {
    case .chatML: return "<|im_start|>assistant\n"
    case .llama2: return ""
    case .llama3: return "<|start_header_id|>assistant<|end_header_id|>\n\n"
    case .zephyr: return "<|assistant|>\n"
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

  /// Words and the end of text behind them; one piece where that has a text.
  private func ended(_ words: String, _ end: String?, isAnswer: Bool) -> [Piece] {
    end.map { [Piece(words + $0, isAnswer: isAnswer)] }
      ?? [Piece(words, isAnswer: isAnswer), Piece(nil, isAnswer: isAnswer)]
  }

  private func chatML(_ messages: [ChatMessage]) -> [Piece] {
    var talk = messages
    if let system, let first = messages.first, first.role != "system" {
      talk.insert(ChatMessage("system", system), at: 0)
    }
    return talk.flatMap { message in
      [
        Piece("<|im_start|>\(message.role)\n"),
        Piece("\(said(message))<|im_end|>", isAnswer: message.isAnswer), Piece("\n"),
      ]
    }
  }

  private func llama2(_ messages: [ChatMessage], _ begin: String, _ end: String?) throws -> [Piece] {
    var talk = messages
    let system = talk.first?.role == "system" ? talk.removeFirst().content : nil
    return try talk.enumerated().flatMap { i, message -> [Piece] in
      guard (message.role == "user") == (i % 2 == 0) else {
        throw Failure(
          "a talk for Llama 2 goes by turns: user, assistant, user, …", cure: "Put the turns in order.")
      }
      guard message.role == "user" else { return ended(" \(said(message)) ", end, isAnswer: true) }
      let head = i == 0 ? system.map { "<<SYS>>\n\($0)\n<</SYS>>\n\n" } ?? "" : ""
      return [Piece("\(begin)[INST] \(Self.trimmed(head + message.content)) [/INST]")]
    }
  }

  private func llama3(_ messages: [ChatMessage], _ begin: String) -> [Piece] {
    [Piece(begin)]
      + messages.flatMap { message in
        [
          Piece("<|start_header_id|>\(message.role)<|end_header_id|>\n\n"),
          Piece("\(said(message))<|eot_id|>", isAnswer: message.isAnswer),
        ]
      }
  }

  private func zephyr(_ messages: [ChatMessage], _ end: String?) -> [Piece] {
    messages.flatMap { message in
      [Piece("<|\(message.role)|>\n")] + ended(said(message), end, isAnswer: message.isAnswer)
        + [Piece("\n")]
    }
  }
}

extension ChatMessage {
  fileprivate var isAnswer: Bool { role == "assistant" }
}
