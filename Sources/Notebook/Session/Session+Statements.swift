import Events
import Options

/// How the statements of a cell are run: commands, names for values, formulas, and blocks of them.
extension Session {
  func run(_ cell: Syntax.Cell) throws {
    for statement in cell.statements {
      if isStopped { return }
      try run(statement)
    }
  }

  func run(_ statement: Syntax.Statement) throws {
    let outer = observer
    if statement.silent { observer = { event in if case .error = event { outer(event) } } }
    defer { observer = outer }
    switch statement.kind {
    case .command(let call): try perform(call)
    case .binding(let name, .made(let call)):
      guard !given.contains(name.text) else {
        throw Failure("“\(name.text)” was given as a value; a model cannot take its name.", place: name.range)
      }
      try perform(call, name: name.text)
    case .binding(let name, .value(let expression)): try bind(name, expression, statement.canonical)
    case .expression(let expression): try evaluate(expression, show: !statement.silent)
    case .help(let topic, let deep): try Help(self).show(topic, isDeep: deep)
    case .repetition(let count, let body):
      try inBlock {
        for _ in 0..<count {
          if isStopped { break }
          try run(body)
        }
      }
    case .until(let condition, let most, let body):
      try inBlock { try runUntil(condition, most ?? 10_000, body) }
    case .sweep(let name, let values, let body): try inBlock { try sweep(name.text, values, body) }
    }
  }

  private func inBlock(_ body: () throws -> Void) throws {
    guard depth < 20 else {
      throw Failure("blocks are nested too deeply.", cure: "Twenty levels are the most.")
    }
    depth += 1
    defer { depth -= 1 }
    try body()
  }

  private func runUntil(_ condition: Syntax.Expression, _ most: Int, _ body: Syntax.Cell) throws {
    var rounds = 0
    while try !truth(condition) {
      if isStopped { return }
      guard rounds < most else {
        return emit(.note(Note("stopped after \(most) rounds; the condition does not hold yet", .warning)))
      }
      try run(body)
      rounds += 1
    }
    say("held after \(rounds) rounds")
  }

  private func truth(_ condition: Syntax.Expression) throws -> Bool {
    guard let number = try Evaluator(self).value(condition).asNumber else {
      throw Failure("until needs a condition, such as loss() < 0.05", place: condition.range)
    }
    return number != 0
  }

  private func sweep(_ name: String, _ values: Syntax.ArgumentValue, _ body: Syntax.Cell) throws {
    let before = locals[name]
    defer { locals[name] = before }
    for value in try Evaluator(self).option(values).elements {
      if isStopped { break }
      locals[name] = Value(value)
      say(.dim("\(name) = \(value)"))
      try run(body)
    }
  }

  private func bind(_ name: Syntax.Name, _ expression: Syntax.Expression, _ text: String) throws {
    guard !given.contains(name.text) else {
      return say(.dim("\(name.text) stays as it was given: \(bindings[name.text]?.brief ?? "")"))
    }
    let value = try Evaluator(self).value(expression)
    endBriefHooks()
    guard !commands.contains(where: { $0.card.name == name.text }) else {
      throw Failure(
        "“\(name.text)” is a command; a name for a value must be another word.", place: name.range)
    }
    bind(name.text, to: value, value.literal.map { "let \(name.text) = \($0)" } ?? text)
    emit(value.event(name: name.text))
  }

  /// Binds a name to a value, as the line of the tape says.
  func bind(_ name: String, to value: Value, _ text: String) {
    bindings[name] = value
    var done = Done()
    done.bound = (name, value)
    record(text, done)
  }

  private func evaluate(_ expression: Syntax.Expression, show: Bool) throws {
    let value = try Evaluator(self).value(expression)
    endBriefHooks()
    keep(value)
    if show { emit(value.event(name: "Out[\(cell)]")) }
  }
}
