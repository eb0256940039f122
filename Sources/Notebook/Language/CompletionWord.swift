// What the word directly before the cursor can become.

extension CompletionScanner {
  func partial(_ word: Range<Int>) -> CompletionContext {
    if lexer.bytes[word.lowerBound] == 0x40 { return model(word) }
    switch mode {
    case .start, .bound, .expression:
      let part = lastOperand(of: word)
      if part.isEmpty { return .init(part == word ? subject : .expression, part, of: lexer) }
      if lexer.bytes[part.lowerBound] == 0x40 { return model(part) }
      let begins = lexer.letter(at: part.lowerBound, first: true) > 0 || lexer.bytes[part.lowerBound] == 0x2A
      let afterPercent = part.lowerBound > word.lowerBound && lexer.bytes[part.lowerBound - 1] == 0x25
      guard begins, !afterPercent else { return .init(.nothing, part, of: lexer) }
      let whole = part == word && !lexer.bytes[word].contains(0x2E)
      return .init(whole ? subject : .expression, part, of: lexer)
    default: return .init(subject, word, of: lexer)
    }
  }

  private func model(_ word: Range<Int>) -> CompletionContext {
    let start = word.lowerBound + 1
    guard let dot = lexer.bytes[start..<word.upperBound].firstIndex(of: 0x2E) else {
      return .init(.model, start..<word.upperBound, of: lexer)
    }
    return .init(.path(inModel: lexer.text(start..<dot)), dot + 1..<word.upperBound, of: lexer)
  }

  /// What follows the last operator in a word of an expression: `norm` in `1+norm`. A `*` beside a point is
  /// no operator.
  private func lastOperand(of word: Range<Int>) -> Range<Int> {
    var start = word.lowerBound
    for j in word {
      switch lexer.bytes[j] {
      case 0x2B, 0x2D, 0x2F, 0x5E, 0x3C, 0x3E, 0x21, 0x25, 0x3A: start = j + 1
      case 0x2A:
        let besidePoint = lexer.byte(j + 1) == 0x2E || (j > word.lowerBound && lexer.bytes[j - 1] == 0x2E)
        if !besidePoint { start = j + 1 }
      default: break
      }
    }
    return start..<word.upperBound
  }
}
