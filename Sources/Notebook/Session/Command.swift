import Events
import Options

/// A command: a verb with its words and options, and what it does. One file and one line in the catalog.
///
/// From the card, the options and `takes` come parsing, help, completion, documentation and error messages.
public protocol Command {
  /// With default options.
  init()
  /// What it says of itself; `changes` makes it an entry of the tape.
  static var card: Card { get }
  /// Its options.
  static var options: [Option<Self>] { get }
  /// The words after the verb.
  static var takes: Takes { get }
  /// Options of what the words choose (those of a method, for `attach`), for help and completion.
  static func further(_ words: [String], _ session: Session) -> [OptionFacts]
  /// What was typed.
  var call: Call { get set }
  /// Does it. A failure leaves the session as it was.
  func run(_ session: Session) throws -> Done
}

extension Command {
  /// No options.
  public static var options: [Option<Self>] { [] }
  /// No words.
  public static var takes: Takes { Takes() }
  /// Nothing more.
  public static func further(_ words: [String], _ session: Session) -> [OptionFacts] { [] }
}

/// The words after a verb: how many, and which there are.
public struct Takes {
  /// As it stands in help: `METHOD`, `N`, `[NAME …]`.
  public var usage: String
  /// How many words there may be.
  public var count: ClosedRange<Int>
  /// Words that complete it, given those before.
  public var candidates: (_ before: [String], Session) -> [String]
  /// Whether words are formulas that the command itself evaluates.
  public var isFormula: Bool
  /// Whether options that are not its own are handed through, for what the words choose.
  public var takesFurther: Bool
  /// Whether words are paths on disk.
  public var isPath: Bool

  /// No words; or as given.
  public init(
    _ usage: String = "", _ count: ClosedRange<Int> = 0...0, isFormula: Bool = false,
    takesFurther: Bool = false,
    isPath: Bool = false, candidates: @escaping (_ before: [String], Session) -> [String] = { _, _ in [] }
  ) {
    self.usage = usage
    self.count = count
    self.isFormula = isFormula
    self.takesFurther = takesFurther
    self.isPath = isPath
    self.candidates = candidates
  }
}

/// An option without its owner: what help and completion show.
public struct OptionFacts: Sendable {
  /// The name before the `=`.
  public let name: String
  /// What it is.
  public let help: String
  /// The default, as typed.
  public let standard: String
  /// What may be typed: words to choose from, sites, paths.
  public let words: [String]
  /// Whether it takes patterns of sites.
  public let isSites: Bool
  /// Whether it takes a path on disk.
  public let isPath: Bool
  /// What may be typed, in words: a whole number, yes or no.
  public let sort: String

  /// The default, as typed; empty for an empty text.
  public var given: String { standard == "\"\"" ? "" : standard }
}

extension Option {
  /// The facts of a row.
  public func facts(_ owner: Owner) -> OptionFacts {
    var words: [String] = []
    switch kind {
    case .word(let all): words = all
    case .flag: words = ["yes", "no"]
    default: break
    }
    return OptionFacts(
      name: name, help: help, standard: read(owner).description, words: words, isSites: kind == .sites,
      isPath: kind == .path,
      sort: sort)
  }

  private var sort: String {
    switch kind {
    case .integer: return "a whole number"
    case .number: return "a number"
    case .flag: return "yes or no; the name alone means yes"
    case .text: return "a text"
    case .integers: return "whole numbers: 0,2 or 0..3"
    case .texts: return "words with commas between"
    case .word(let all): return "one of: " + all.joined(separator: " ")
    case .sites: return "names of sites with commas between"
    case .siteNumbers: return "sites with a number each: attn.q:4,mlp.up:16"
    case .path: return "a path on disk"
    }
  }
}

/// What was typed after a verb.
public struct Call {
  /// The words as trees, for commands that evaluate formulas.
  public var arguments: [Syntax.ArgumentValue] = []
  /// The words as values.
  public var words: [OptionValue] = []
  /// Options for what the words choose.
  public var further: [(name: String, value: OptionValue)] = []
  /// The model named by `@name`, where one was.
  public var subject: String?
  /// The name after `let`, for makers.
  public var boundName: String?
  /// Where the words stand.
  public var places: [Range<Int>] = []

  /// Nothing typed.
  public init() {}

  /// A word as text, if it is there.
  public func text(_ index: Int) -> String? { index < words.count ? words[index].asText : nil }

  /// A word as a whole number; throws when it is something else.
  public func integer(_ index: Int, _ what: String) throws -> Int? {
    guard index < words.count else { return nil }
    guard let n = words[index].asInteger else {
      throw Failure("\(words[index]) is not \(what).", place: places[index])
    }
    return n
  }
}

/// What running a command left for the tape.
public struct Done {
  /// What stands on the tape in place of the line that was typed, where that said more than shall be done again.
  public var text: String?
  /// How many steps were made, where that is not what was typed: 21 of an interrupted `step 60`.
  public var steps: Int?
  /// The model that was trained, where one was.
  public var subject: String?
  /// What went wrong after some steps, which stand: shown once the entry is on the tape.
  public var failure: (any Error)?
  /// Whether it changed the data that were there: then the line that set them stays, with this one behind it.
  public var addsToSource = false
  /// Whether the tape gets no entry after all.
  public var isUnrecorded = false
  /// For `step -n`: where it went back to.
  var alias: Timeline.Moment?
  /// For `let`: what was bound.
  var bound: (name: String, value: Value)?

  /// The line as typed, one state at its end.
  public init() {}

  /// Nothing for the tape.
  public static var unrecorded: Done {
    var done = Done()
    done.isUnrecorded = true
    return done
  }
}

extension Command {
  /// The command from what was typed; throws with the place of what does not fit.
  static func decode(_ syntax: Syntax.Command, _ session: Session) throws -> Self {
    var command = Self()
    var call = Call(), ownerless: (name: String, range: Range<Int>)?
    let evaluator = Evaluator(session)
    for argument in syntax.arguments {
      guard let name = argument.name else {
        if let model = argument.value.modelName, !takes.isFormula {
          call.subject = model
          continue
        }
        call.arguments.append(argument.value)
        call.places.append(argument.range)
        if !takes.isFormula { call.words.append(try evaluator.option(argument.value)) }
        continue
      }
      let value = try evaluator.option(argument.value)
      do {
        if let row = options.first(where: { $0.name == name.text }) {
          try row.write(&command, value)
        } else if takes.takesFurther {
          call.further.append((name.text, value))
          ownerless = ownerless ?? (name.text, argument.range)
        } else {
          throw unknown("option", name.text, among: options.map(\.name), of: card.name).at(name.range)
        }
      } catch let failure as Failure { throw failure.at(argument.range) }
    }
    try flags(&call, into: &command)
    if let ownerless, call.words.isEmpty, takes.count.contains(0) {
      // Nothing is named that could have the option.
      throw unknown("option", ownerless.name, among: options.map(\.name), of: card.name).at(ownerless.range)
    }
    guard takes.count.contains(call.arguments.count) else {
      let usage = ([card.name] + (takes.usage.isEmpty ? [] : [takes.usage])).joined(separator: " ")
      throw Failure(
        call.arguments.count < takes.count.lowerBound
          ? "\(card.name) needs \(takes.usage)." : "\(card.name) takes fewer words.",
        cure: "It is typed as: \(usage)   (?\(card.name))", place: syntax.range)
    }
    command.call = call
    return command
  }

  /// A bare word that names a switch means yes.
  private static func flags(_ call: inout Call, into command: inout Self) throws {
    guard !takes.isFormula else { return }
    for i in call.words.indices.reversed() where i >= takes.count.lowerBound {
      guard let word = call.words[i].asText,
        let row = options.first(where: { $0.name == word && $0.kind == .flag })
      else {
        continue
      }
      try row.write(&command, .flag(true))
      call.words.remove(at: i)
      call.arguments.remove(at: i)
      call.places.remove(at: i)
    }
  }
}

extension Syntax.ArgumentValue {
  /// The model's name of a bare `@name`.
  var modelName: String? {
    guard case .expression(let e) = kind, case .model(let name, let path) = e.kind, path.isEmpty else {
      return nil
    }
    return name
  }
}
