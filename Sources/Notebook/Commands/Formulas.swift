import Options

/// A formula that was given to a command, with its text and where it stands.
struct Formula {
  /// As it would be typed.
  let text: String
  /// Parsed.
  let expression: Syntax.Expression
  /// Where it stands in the line.
  let place: Range<Int>?

  /// Its value; errors point at the formula.
  func value(_ session: Session) throws -> Value {
    do { return try Evaluator(session).value(expression) } catch let failure as Failure {
      var copy = failure
      copy.place = place
      throw copy
    }
  }
}

extension Call {
  /// The words as formulas: all together where that reads as one (`loss() - 0.1`), else each by itself.
  func formulas(from first: Int = 0) throws -> [Formula] {
    let arguments = arguments[first...]
    guard let start = arguments.first?.range.lowerBound, let end = arguments.last?.range.upperBound else {
      return []
    }
    if arguments.count > 1 {
      let whole = arguments.map(\.formulaText).joined(separator: " ")
      if let one = try? Parser.expression(whole) {
        return [Formula(text: one.description, expression: one, place: start..<end)]
      }
    }
    return try arguments.flatMap { argument in
      try argument.formulaTexts.map { text in
        do {
          let parsed = try Parser.expression(text)
          return Formula(text: parsed.description, expression: parsed, place: argument.range)
        } catch let failure as Failure {
          throw Failure(failure.what, cure: failure.cure, details: failure.details, place: argument.range)
        }
      }
    }
  }
}

extension Syntax.ArgumentValue {
  /// The text of a formula: a bare or quoted text as it stands.
  fileprivate var formulaText: String {
    if case .literal(.text(let text)) = kind { return text }
    return description
  }

  /// The formulas in a list with commas, or the one there is.
  fileprivate var formulaTexts: [String] {
    switch kind {
    case .literal(.list(let values)): return values.map { $0.asText ?? $0.description }
    case .list(let values): return values.flatMap(\.formulaTexts)
    default: return [formulaText]
    }
  }
}
