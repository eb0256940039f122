import Data
import Engine
import Events
import Networks
import Options

/// Evaluates formulas. Pure: nothing in the session changes, so completion, watches and checks may use it.
///
/// Functions of a model run on the batch that the next step will use, in evaluation mode.
struct Evaluator {
  let session: Session

  init(_ session: Session) { self.session = session }

  func value(_ e: Syntax.Expression) throws -> Value {
    do {
      switch e.kind {
      case .number(let x): return .number(x)
      case .text(let text): return .text(text)
      case .flag(let on): return .flag(on)
      case .group(let inner): return try value(inner)
      case .result(let reference): return try session.result(reference)
      case .list(let items): return .list(try items.map(value))
      case .model(let name, let path): return try model(name, path)
      case .path(let path): return try self.path(path)
      case .index(let inner, let index): return try indexed(value(inner), index)
      case .unary(let op, let inner): return try unary(op, value(inner))
      case .binary(let op, let a, let b): return try binary(op, a, b)
      case .call(let name, let arguments): return try call(name.text, arguments, name.range)
      }
    } catch let failure as Failure { throw failure.at(e.range) }
  }

  /// An argument of a command as an option's value.
  func option(_ argument: Syntax.ArgumentValue) throws -> OptionValue {
    switch argument.kind {
    case .literal(.text(let word)):
      // A bound name stands for its value: sweep r = 2,4 { attach lora r=r }
      if let bound = session.binding(word) { return try option(bound, argument.range) }
      return .text(word)
    case .literal(let literal): return literal
    case .list(let items): return .list(try items.map(option))
    case .expression(let e): return try option(value(e), argument.range)
    }
  }

  private func option(_ value: Value, _ range: Range<Int>) throws -> OptionValue {
    switch value {
    case .number(let x): return Int(exactly: x).map { .integer($0) } ?? .number(x)
    case .flag(let on): return .flag(on)
    case .text(let text): return .text(text)
    case .list(let items): return .list(try items.map { try option($0, range) })
    case .tensor(let t, _) where t.count == 1: return .number(Double(t.item))
    default:
      throw Failure("\(value.kind) cannot stand here.", cure: "A number, a text or a list can.", place: range)
    }
  }

  /// A command with every formula and bound name in its arguments replaced by the value: what the tape keeps.
  func settled(_ command: Syntax.Command) throws -> Syntax.Command {
    var copy = command
    for (i, argument) in command.arguments.enumerated() where isOpen(argument.value) {
      do {
        let value = try option(argument.value)
        copy.arguments[i].value.kind = .literal(value)
        if case .text(let text) = value, session.binding(text) != nil {
          // In parentheses it is a text, and no name.
          let range = argument.value.range
          copy.arguments[i].value.kind = .expression(
            .init(kind: .group(.init(kind: .text(text), range: range)), range: range))
        }
      } catch let failure as Failure { throw failure.at(argument.range) }
    }
    return copy
  }

  /// Whether a value depends on the session.
  private func isOpen(_ value: Syntax.ArgumentValue) -> Bool {
    switch value.kind {
    case .literal(.text(let word)): return session.binding(word) != nil
    case .literal: return false
    case .list, .expression: return value.modelName == nil
    }
  }

  // MARK: Names and places

  private func model(_ name: String, _ path: [Syntax.Segment]) throws -> Value {
    let subject = try session.subject(name)
    if path.isEmpty { return .model(subject, isBase: false) }
    if path == [.name("base")] { return .model(subject, isBase: true) }
    return try place(path, in: subject)
  }

  private func path(_ path: [Syntax.Segment]) throws -> Value {
    if path.count == 1, case .name(let name) = path[0] {
      if let bound = session.binding(name) { return bound }
      if name == "pi" { return .number(.pi) }
      if let subject = session.models.first(where: { $0.name == name }) {
        return .model(subject, isBase: false)
      }
      if let function = Functions.all.first(where: { $0.name == name }) { return try bare(function) }
    }
    return try place(path, in: session.current())
  }

  /// A function's name without parentheses: `watch loss` is `watch loss()`, unless the model has a place of that name.
  private func bare(_ function: Function) throws -> Value {
    if let subject = session.currentSubject, let place = try? place([.name(function.name)], in: subject) {
      return place
    }
    guard function.arguments.contains(0) else {
      throw Failure("\(function.name) needs something to work on.", cure: "It is typed as: \(function.usage)")
    }
    return try function.run(FunctionCall(session: session, arguments: []))
  }

  private func text(_ path: [Syntax.Segment]) -> String {
    path.map { segment -> String in
      switch segment {
      case .name(let name): return name
      case .index(let i): return String(i)
      case .any: return "*"
      }
    }.joined(separator: ".")
  }

  private func place(_ path: [Syntax.Segment], in subject: Subject) throws -> Value {
    let name = text(path), model = subject.model
    if path.contains(.any) {
      let pattern = SitePattern(name)
      let sites = model.sites.filter { $0.weight != nil && pattern.matches($0) }
      let parameters = model.parameters.filter { pattern.matches($0.name) }
      let all =
        try sites.map { try tensor(of: $0, subject) } + parameters.map { Self.tensor(of: $0, subject) }
      guard !all.isEmpty else { throw noPlace(name, subject) }
      return .list(all)
    }
    if let parameter = model.parameter(name) { return Self.tensor(of: parameter, subject) }
    if let site = model.site(name) { return try tensor(of: site, subject) }
    throw noPlace(name, subject)
  }

  static func tensor(of parameter: Parameter, _ subject: Subject) -> Value {
    .tensor(parameter.value, Value.Place(subject: subject, name: parameter.name, indices: nil))
  }

  /// A site stands for its weight; a part for its rows of the whole weight.
  private func tensor(of site: Site, _ subject: Subject) throws -> Value {
    guard let weight = site.weight else {
      throw Failure(
        "\(site.name) has no weight of its own.",
        cure: "act(\(site.name)) is what it gives;   show shapes lists all places")
    }
    guard let rows = site.columns else { return Self.tensor(of: weight, subject) }
    let width = weight.shape[1]
    return .tensor(
      try weight.value.slice(axis: 0, rows),
      Value.Place(
        subject: subject, name: weight.name,
        indices: rows.indices.flatMap { $0 * width..<($0 + 1) * width }))
  }

  private func noPlace(_ name: String, _ subject: Subject) -> Failure {
    let names = subject.model.parameters.map(\.name) + subject.model.sites.map(\.name)
    let known = names + session.boundNames + Functions.all.map(\.name)
    let near = nearest(to: name, among: known)
    return Failure(
      "there is no “\(name)” in \(subject.name), and no value of that name.",
      cure: near.map { "Did you mean “\($0)”?" }
        ?? "show params lists all names;   ?functions what can be computed")
  }

  // MARK: Functions

  private func call(_ name: String, _ arguments: [Syntax.Expression], _ range: Range<Int>) throws -> Value {
    guard let function = Functions.all.first(where: { $0.name == name }) else {
      throw unknown("function", name, among: Functions.all.map(\.name)).at(range)
    }
    guard function.arguments.contains(arguments.count) else {
      throw Failure("\(name) is written \(function.usage).", cure: function.sentence, place: range)
    }
    let values = try arguments.map { argument -> Value in
      // A site without a weight is still a place to ask about: act(blocks.0), attn(blocks.0.attn).
      if function.takesSites, case .path(let path) = argument.kind { return .text(text(path)) }
      if function.takesSites, case .model(let name, let path) = argument.kind, !path.isEmpty,
        path != [.name("base")]
      {
        return .list([.model(try session.subject(name), isBase: false), .text(text(path))])
      }
      return try value(argument)
    }
    return try function.run(FunctionCall(session: session, arguments: values))
  }
}
