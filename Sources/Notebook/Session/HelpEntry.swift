import Methods
import Networks
import Options
import Training

/// A thing of a catalog as help shows it: a command, a view, a method, an optimiser.
struct HelpEntry {
  /// What sort of thing it is, in a word.
  let sort: String
  /// What it says of itself.
  let card: Card
  /// How it is typed.
  let usage: String
  /// Its options, and those that come with every thing of its sort.
  let options: [OptionFacts]
  /// The path of its source.
  let source: String
  /// The method, if it is one.
  var method: (any TuningMethod.Type)?

  init<C: Command>(command type: C.Type, isMaker: Bool) {
    (sort, card, source) = ("command", C.card, HelpSource.path(of: type))
    options = C.options.map { $0.facts(C()) }
    var words = [C.card.name, C.takes.usage].filter { !$0.isEmpty }
    if !options.isEmpty || C.takes.takesFurther { words.append("[NAME=VALUE …]") }
    usage = (isMaker ? "let NAME = " : "") + words.joined(separator: " ")
  }

  init<V: View>(view type: V.Type) {
    (sort, card, source) = ("view", V.card, HelpSource.path(of: type))
    options = V.options.map { $0.facts(V()) }
    usage = ["show", V.card.name, V.takes.usage, options.isEmpty ? "" : "[NAME=VALUE …]"].filter {
      !$0.isEmpty
    }.joined(separator: " ")
  }

  init<M: TuningMethod>(method type: M.Type) {
    (sort, card, source) = ("method", M.card, HelpSource.path(of: type))
    options = M.options.map { $0.facts(M()) } + AttachCommand.options.map { $0.facts(AttachCommand()) }
    usage = "attach \(M.card.name) [NAME=VALUE …]"
    method = type
  }

  init<O: Optimiser>(optimiser type: O.Type) {
    (sort, card, source) = ("optimizer", O.card, HelpSource.path(of: type))
    options = O.options.map { $0.facts(O()) }
    usage = "optimizer \(O.card.name)" + (options.isEmpty ? "" : " [NAME=VALUE …]")
  }

  /// Everything with a card, commands first.
  static func all(_ session: Session) -> [HelpEntry] {
    let makers = Commands.makers.map { ObjectIdentifier($0) }
    func command<C: Command>(_ type: C.Type) -> HelpEntry {
      HelpEntry(command: type, isMaker: makers.contains(ObjectIdentifier(type)))
    }
    func view<V: View>(_ type: V.Type) -> HelpEntry { HelpEntry(view: type) }
    func method<M: TuningMethod>(_ type: M.Type) -> HelpEntry { HelpEntry(method: type) }
    func optimiser<O: Optimiser>(_ type: O.Type) -> HelpEntry { HelpEntry(optimiser: type) }
    var all: [HelpEntry] = []
    for group in session.groups { for type in group.commands { all.append(command(type)) } }
    for type in Views.all { all.append(view(type)) }
    for type in Methods.all { all.append(method(type)) }
    for type in Optimisers.all { all.append(optimiser(type)) }
    return all
  }
}
