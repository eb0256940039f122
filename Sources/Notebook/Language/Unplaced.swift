// Trees without places, to compare what two texts mean.

extension Syntax.Cell {
  /// The same cell with every range empty: equal for two texts that mean the same.
  public var unplaced: Syntax.Cell { .init(statements: statements.map(\.unplaced), range: 0..<0) }
}

extension Syntax.Statement {
  /// The same statement with every range empty.
  public var unplaced: Syntax.Statement {
    let bare: Kind
    switch kind {
    case .binding(let name, .made(let command)): bare = .binding(name.unplaced, .made(command.unplaced))
    case .binding(let name, .value(let value)): bare = .binding(name.unplaced, .value(value.unplaced))
    case .repetition(let count, let cell): bare = .repetition(count: count, cell.unplaced)
    case .sweep(let name, let values, let cell):
      bare = .sweep(name.unplaced, over: values.unplaced, cell.unplaced)
    case .until(let condition, let max, let cell): bare = .until(condition.unplaced, max: max, cell.unplaced)
    case .command(let command): bare = .command(command.unplaced)
    case .expression(let expression): bare = .expression(expression.unplaced)
    case .help: bare = kind
    }
    return .init(kind: bare, silent: silent, range: 0..<0)
  }
}

extension Syntax.Name {
  /// The same name at no place.
  public var unplaced: Syntax.Name { .init(text: text, range: 0..<0) }
}

extension Syntax.Command {
  /// The same command with every range empty.
  public var unplaced: Syntax.Command {
    .init(verb: verb.unplaced, arguments: arguments.map(\.unplaced), range: 0..<0)
  }
}

extension Syntax.Argument {
  /// The same argument with every range empty.
  public var unplaced: Syntax.Argument { .init(name: name?.unplaced, value: value.unplaced, range: 0..<0) }
}

extension Syntax.ArgumentValue {
  /// The same value with every range empty.
  public var unplaced: Syntax.ArgumentValue {
    switch kind {
    case .literal: return .init(kind: kind, range: 0..<0)
    case .expression(let expression): return .init(kind: .expression(expression.unplaced), range: 0..<0)
    case .list(let values): return .init(kind: .list(values.map(\.unplaced)), range: 0..<0)
    }
  }
}

extension Syntax.Expression {
  /// The same expression with every range empty.
  public var unplaced: Syntax.Expression {
    let bare: Kind
    switch kind {
    case .number, .text, .flag, .path, .result, .model: bare = kind
    case .call(let name, let arguments): bare = .call(name.unplaced, arguments.map(\.unplaced))
    case .index(let whole, let indices): bare = .index(whole.unplaced, indices)
    case .unary(let sign, let operand): bare = .unary(sign, operand.unplaced)
    case .binary(let sign, let left, let right): bare = .binary(sign, left.unplaced, right.unplaced)
    case .list(let elements): bare = .list(elements.map(\.unplaced))
    case .group(let inner): bare = .group(inner.unplaced)
    }
    return .init(kind: bare, range: 0..<0)
  }
}
