import Data
import Engine
import Events
import Networks
import Options

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

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

  // MARK: Parts of tensors

  private func indexed(_ value: Value, _ index: [Syntax.Index]) throws -> Value {
    if case .list(let items) = value, index.count == 1, case .at(let i) = index[0] {
      let at = i < 0 ? i + items.count : i
      guard items.indices.contains(at) else {
        throw Failure("the list has \(items.count) values, no number \(i).")
      }
      return items[at]
    }
    guard case .tensor(let whole, let place) = value else {
      throw Failure("\(value.kind) has no parts.", cure: "Tensors and lists have: blocks.0.attn.q[0,:]")
    }
    guard index.count <= whole.shape.count else {
      throw Failure(
        "\(index.count) indices for a tensor of shape \(whole.shape).",
        cure: "Give at most \(whole.shape.count).")
    }
    var tensor = whole.plain
    var flat = try Tensor(whole.shape, (0..<whole.count).map { Float($0) })
    var axis = 0
    for one in index {
      let range = try range(one, tensor.shape[axis])
      tensor = try tensor.slice(axis: axis, range)
      flat = try flat.slice(axis: axis, range)
      if case .at = one {
        var shape = tensor.shape
        shape.remove(at: axis)
        tensor = try tensor.reshaped(shape)
        flat = try flat.reshaped(shape)
      } else {
        axis += 1
      }
    }
    let inner = flat.scalars.map { Int($0) }
    let outer = place.map { place in
      Value.Place(
        subject: place.subject, name: place.name,
        indices: whole.count > 1 << 24 ? nil : inner.map { place.indices?[$0] ?? $0 })
    }
    return .tensor(tensor, outer)
  }

  private func range(_ index: Syntax.Index, _ size: Int) throws -> Range<Int> {
    func at(_ i: Int) -> Int { i < 0 ? i + size : i }
    switch index {
    case .at(let i):
      guard (0..<size).contains(at(i)) else { throw Failure("index \(i) is outside an axis of \(size).") }
      return at(i)..<at(i) + 1
    case .slice(let from, let to):
      let low = min(max(at(from ?? 0), 0), size), high = min(max(at(to ?? size), 0), size)
      return low..<max(low, high)
    case .span(let from, let to):
      guard at(from) >= 0, at(to) < size, at(from) <= at(to) else {
        throw Failure("\(from)..\(to) is outside an axis of \(size).")
      }
      return at(from)..<at(to) + 1
    }
  }

  // MARK: Operators

  private func unary(_ op: Syntax.UnaryOperator, _ value: Value) throws -> Value {
    if op == .plus { return value }
    if op == .not {
      guard let x = value.asNumber else { throw Failure("not needs yes or no, this is \(value.kind).") }
      return .flag(x == 0)
    }
    if case .tensor(let t, _) = value, t.count != 1 { return .tensor(try t.scaled(by: -1), nil) }
    guard let x = value.asNumber else { throw Failure("there is no −\(value.kind).") }
    return .number(-x)
  }

  private func binary(_ op: Syntax.BinaryOperator, _ left: Syntax.Expression, _ right: Syntax.Expression)
    throws -> Value
  {
    let a = try value(left)
    if op == .and || op == .or {
      guard let x = a.asNumber else { throw Failure("\(op.rawValue) needs yes or no, this is \(a.kind).") }
      if (op == .and) == (x == 0) { return .flag(x != 0) }
      let b = try value(right)
      guard let y = b.asNumber else { throw Failure("\(op.rawValue) needs yes or no, this is \(b.kind).") }
      return .flag(y != 0)
    }
    let b = try value(right)
    if case .text(let x) = a, case .text(let y) = b {
      switch op {
      case .equal: return .flag(x == y)
      case .unequal: return .flag(x != y)
      case .plus: return .text(x + y)
      default: break
      }
    }
    if let x = a.asNumber, let y = b.asNumber { return Self.number(op, x, y) }
    guard let x = a.asTensor, let y = b.asTensor else {
      throw Failure("\(op.rawValue) does not go with \(a.kind) and \(b.kind).")
    }
    switch op {
    case .plus: return .tensor(try x + y, nil)
    case .minus: return .tensor(try x - y, nil)
    case .times: return .tensor(try x * y, nil)
    case .over: return .tensor(try x.divided(by: y), nil)
    case .equal: return .flag(try x.shape == y.shape && x.largestDifference(from: y) == 0)
    case .unequal: return .flag(try x.shape != y.shape || x.largestDifference(from: y) != 0)
    default:
      throw Failure(
        "\(op.rawValue) compares numbers; these are tensors.", cure: "For example max(x) \(op.rawValue) 1")
    }
  }

  private static func number(_ op: Syntax.BinaryOperator, _ x: Double, _ y: Double) -> Value {
    switch op {
    case .plus: return .number(x + y)
    case .minus: return .number(x - y)
    case .times: return .number(x * y)
    case .over: return .number(x / y)
    case .power: return .number(pow(x, y))
    case .equal: return .flag(x == y)
    case .unequal: return .flag(x != y)
    case .less: return .flag(x < y)
    case .atMost: return .flag(x <= y)
    case .greater: return .flag(x > y)
    case .atLeast: return .flag(x >= y)
    case .and: return .flag(x != 0 && y != 0)
    case .or: return .flag(x != 0 || y != 0)
    }
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

extension Value {
  /// An option's value as a value.
  init(_ option: OptionValue) {
    switch option {
    case .integer(let n): self = .number(Double(n))
    case .number(let x): self = .number(x)
    case .flag(let on): self = .flag(on)
    case .text(let text): self = .text(text)
    case .list, .range: self = .list(option.elements.map(Value.init))
    }
  }

  /// The tensor in it; a number counts as one without axes, a list of numbers as a row.
  var asTensor: Tensor? {
    switch self {
    case .tensor(let t, _): return t
    case .number(let x): return Tensor(Float(x))
    case .list(let items):
      let numbers = items.compactMap(\.asNumber)
      return numbers.count == items.count ? try? Tensor([numbers.count], numbers.map { Float($0) }) : nil
    default: return nil
    }
  }
}
