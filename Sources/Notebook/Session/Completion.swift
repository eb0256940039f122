import Methods
import Options
import Training

/// What can stand at a place of a text: the part that is replaced, and with what.
public struct Candidates: Equatable, Sendable {
  /// Offsets into the text's UTF-8.
  public var range: Range<Int>
  /// The replacements, in the order in which they are listed.
  public var words: [String]

  /// Whether a blank may follow a replacement: not after `r=`, `blocks.`, `norm(` or a folder.
  public var wantsSpace: Bool { words.count == 1 && !(words[0].last.map { "=.(/".contains($0) } ?? true) }
}

/// Completes cells of a session from its catalogs and its live models. Nothing is run or changed.
///
/// Keep one as long as the session: it remembers the names of the model it looked at last.
public final class Completion {
  private let session: Session
  private var known: (key: CompletionIndex.Key, index: CompletionIndex)?

  /// Completes cells of a session.
  public init(_ session: Session) { self.session = session }

  /// What can stand at an offset of a cell typed so far, in UTF-8.
  public func candidates(_ text: String, cursor: Int) -> Candidates {
    let context = CompletionContext(text, cursor: cursor, words: session.vocabulary)
    var found: [String] = [], seen: Set<String> = []
    for word in words(context) where word.hasPrefix(context.partial) && seen.insert(word).inserted {
      found.append(word)
    }
    return Candidates(range: context.replaced, words: found)
  }

  private func words(_ context: CompletionContext) -> [String] {
    let typed = context.partial
    switch context.subject {
    case .verb:
      let verbs = (session.groups.flatMap(\.commands).map { $0.card.name } + Vocabulary.keywords).sorted()
      // A formula may stand here too, but a beginning of a verb means the verb: `att` is attach, not attn(.
      return verbs.contains { $0.hasPrefix(typed) } ? verbs + session.boundNames : expressions(typed)
    case .maker: return Commands.makers.map { $0.card.name } + expressions(typed)
    case .argument(let call), .option(let call): return arguments(call, context)
    case .value(let option, let call): return values(of: option, call, typed)
    case .expression: return expressions(typed)
    case .model: return session.models.map(\.name)
    case .path(let model): return model == "" ? [] : places(typed, in: model) + ["base"]
    case .help: return Help(session).topics.sorted() + optionTopics(typed) + places(typed)
    case .nothing: return []
    }
  }

  // MARK: Arguments

  private func arguments(_ call: CompletionContext.Call, _ context: CompletionContext) -> [String] {
    guard let type = command(call.verb) else { return [] }
    let takes = type.takes
    if takes.isFormula { return expressions(context.partial) }
    var found: [String] = []
    if call.words.count < takes.count.upperBound {
      if takes.isPath {
        return CompletionFiles(files: session.surroundings.files).candidates(context.partial)
      }
      found = takes.candidates(call.words, session)
    }
    if context.quoted { return found }
    let switches = call.words.dropFirst(takes.count.lowerBound)
    let options = facts(type, call.words).filter {
      !call.given.contains($0.name) && !switches.contains($0.name)
    }
    let flags = options.filter { $0.words == ["yes", "no"] && $0.standard == "no" }.map(\.name)
    let names = options.filter { !flags.contains($0.name) }.map { $0.name + "=" }
    if call.words.count < takes.count.lowerBound { return found }
    return found + names + flags
  }

  private func values(of name: String, _ call: CompletionContext.Call, _ typed: String) -> [String] {
    guard let type = command(call.verb),
      let option = facts(type, call.words).first(where: { $0.name == name })
    else {
      return expressions(typed)
    }
    if option.isSites { return targets(typed) }
    if option.isPath { return CompletionFiles(files: session.surroundings.files).candidates(typed) }
    if !option.words.isEmpty { return option.words }
    return (option.given.isEmpty ? [] : [option.given]) + (typed.isEmpty ? [] : session.boundNames)
  }

  private func command(_ verb: String) -> (any Command.Type)? {
    session.groups.lazy.flatMap(\.commands).first { $0.card.name == verb }
  }

  private func facts(_ type: any Command.Type, _ words: [String]) -> [OptionFacts] {
    func own<C: Command>(_: C.Type) -> [OptionFacts] { C.options.map { $0.facts(C()) } }
    return type.further(words, session) + own(type)
  }

  // MARK: Names and places

  /// Functions, bound names, models and places.
  private func expressions(_ typed: String) -> [String] {
    let functions = Functions.all.map { $0.name + "(" }.sorted()
    return session.boundNames + session.models.map(\.name) + functions + places(typed)
  }

  private func places(_ typed: String, in model: String? = nil) -> [String] {
    guard !typed.isEmpty || model != nil, let index = index(model) else { return [] }
    return CompletionIndex.next(typed, in: index.places)
  }

  /// Names for `on=`: those inside blocks at once, the others by their parts.
  private func targets(_ typed: String) -> [String] {
    guard let index = index(nil) else { return [] }
    let inside = index.targets.filter { !$0.contains("blocks.") }
    return inside + CompletionIndex.next(typed, in: index.targets.filter { $0.contains("blocks.") })
  }

  private func optionTopics(_ typed: String) -> [String] {
    guard let dot = typed.lastIndex(of: ".") else { return [] }
    let owner = String(typed[..<dot])
    return HelpEntry.all(session).filter { $0.card.name == owner }.flatMap { entry in
      entry.options.map { owner + "." + $0.name }
    }
  }

  private func index(_ name: String?) -> CompletionIndex? {
    let subject = name == nil ? session.currentSubject : session.models.first { $0.name == name }
    guard let model = subject?.model else { return nil }
    let key = CompletionIndex.Key(model)
    if let known, known.key == key { return known.index }
    let index = CompletionIndex(model)
    known = (key, index)
    return index
  }
}
