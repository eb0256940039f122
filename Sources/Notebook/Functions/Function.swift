import Data
import Engine
import Networks
import Options
import Training

/// A pure function of the language: a line in the catalog with its meaning beside it.
struct Function {
  /// The name before the parenthesis.
  let name: String
  /// As it is typed: `norm(x)`.
  let usage: String
  /// One sentence.
  let sentence: String
  /// How many arguments it takes.
  let arguments: ClosedRange<Int>
  /// Whether paths are handed over as names of places rather than as their weights.
  var takesSites = false
  /// What it computes.
  let run: (FunctionCall) throws -> Value

  init(
    _ usage: String, _ sentence: String, _ arguments: ClosedRange<Int> = 1...1, sites: Bool = false,
    _ run: @escaping (FunctionCall) throws -> Value
  ) {
    name = String(usage.prefix { $0 != "(" })
    self.usage = usage
    self.sentence = sentence
    self.arguments = arguments
    takesSites = sites
    self.run = run
  }
}

/// All functions, by what they are about.
enum Functions {
  static var all: [Function] {
    arithmetic + ofTensors + ofMatrices + ofCodes + ofModels + ofSteps + ofPlaces + ofPrompts + ofFeedback
  }
}

/// A call of a function: its arguments, and the session to ask.
struct FunctionCall {
  let session: Session
  let arguments: [Value]

  func tensor(_ i: Int = 0) throws -> Tensor {
    guard let t = arguments[i].asTensor else {
      throw Failure("this needs a tensor, not \(arguments[i].kind).")
    }
    return t.plain
  }

  func number(_ i: Int) throws -> Double {
    guard let x = arguments[i].asNumber else {
      throw Failure("this needs a number, not \(arguments[i].kind).")
    }
    return x
  }

  func text(_ i: Int) throws -> String {
    guard case .text(let text) = arguments[i] else {
      throw Failure("this needs a text in double quotes, not \(arguments[i].kind).")
    }
    return text
  }

  /// The numbers of a tensor or list.
  func numbers(_ i: Int = 0) throws -> [Float] {
    if case .list(let items) = arguments[i] {
      return try items.flatMap { item -> [Float] in
        guard let t = item.asTensor else { throw Failure("this needs numbers, not \(item.kind).") }
        return t.scalars
      }
    }
    return try tensor(i).scalars
  }

  /// The model of the first argument, or the current one where none is given.
  func model(_ i: Int = 0) throws -> (subject: Subject, isBase: Bool) {
    guard i < arguments.count else { return (try session.current(), false) }
    guard case .model(let subject, let isBase) = arguments[i] else {
      throw Failure("this needs a model, such as @m or @m.base, not \(arguments[i].kind).")
    }
    return (subject, isBase)
  }

  /// A site by the name given, in the current model or the one named.
  func site(_ i: Int = 0) throws -> (subject: Subject, site: Site) {
    var subject = try session.current(), name = ""
    switch arguments[i] {
    case .text(let text): name = text
    case .list(let parts):
      if parts.count == 2, case .model(let other, _) = parts[0], case .text(let text) = parts[1] {
        (subject, name) = (other, text)
      }
    default: throw Failure("this needs the name of a place, such as blocks.0.attn, not \(arguments[i].kind).")
    }
    if let site = subject.model.site(name) { return (subject, site) }
    throw unknown("place", name, among: subject.model.sites.map(\.name), of: subject.name)
  }
}
