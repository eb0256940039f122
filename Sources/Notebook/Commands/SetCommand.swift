import Engine
import Events
import Options

/// `set`: how things are shown, and what the session may use.
public struct SetCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "set", "Shows or changes settings: how things are shown, the seed, memory and threads.",
    use: "Only the seed changes what is computed, so only the seed stands on the tape and can be undone.",
    examples: ["set", "set digits=6", "set seed=7", "set reader=on", "set width=60 language=zh-Hans"],
    notes: [
      "width=0 follows the terminal. threads never change a result, not in the last bit.",
      "undo-memory, in MB: beyond it every second step is let go, and made again when one goes back to it.",
    ], changes: true)

  /// What can be set; nil: left as it is.
  public struct Values: Equatable {
    var width: Int?, digits: Int?, threads: Int?, undoMemory: Int?, seed: Int?
    var reader: Bool?, plain: Bool?
    var language: Language?
  }

  /// What was asked for.
  public var values = Values()
  /// What was typed.
  public var call = Call()

  /// Its options; the first columns of the table that it shows.
  public static var options: [Option<SetCommand>] {
    [
      whole("width", \.width, "columns, 40 to 200; 0: the terminal's", 0...200),
      whole("digits", \.digits, "significant digits of numbers", 1...17),
      flag("reader", \.reader, "for a screen reader: words, no drawings"),
      flag("plain", \.plain, "no colours, no moving line"),
      Option(
        name: "language", help: "language of fixed words and lessons",
        kind: .word(Language.allCases.map(\.rawValue)),
        read: { .text($0.values.language?.rawValue ?? "") },
        write: { command, value in
          guard let language = Language(rawValue: value.asText ?? "") else {
            throw unknown("language", value.description, among: Language.allCases.map(\.rawValue))
          }
          command.values.language = language
        }),
      whole("seed", \.seed, "where chance starts, from now on", 0...Int.max),
      whole("undo-memory", \.undoMemory, "MB that going back in time may take", 1...1_048_576),
      whole("threads", \.threads, "threads that compute", 1...64),
    ]
  }
  /// A setting to show.
  public static var takes: Takes { Takes("[NAME]", 0...1) }

  /// Nothing yet.
  public init() {}

  /// Sets what was given and shows it; without anything, shows all.
  public func run(_ session: Session) throws -> Done {
    let table = Self.table(session)
    if let word = call.text(0), !table.contains(where: { $0.name == word }) {
      throw unknown("setting", word, among: table.map(\.name)).at(call.places.first)
    }
    apply(to: session)
    let given = Self.options.filter { $0.read(self) != $0.read(Self()) }.map(\.name)
    let shown = Self.table(session).filter { row in
      given.isEmpty ? call.words.isEmpty || row.name == call.text(0) : given.contains(row.name)
    }
    let rows = shown.map { [Datum.words($0.name), .words($0.value), .words($0.help)] }
    session.emit(
      .table(
        Table(columns: [.init("", priority: 0), .init("", priority: 0), .init("", priority: 1)], rows: rows)))
    guard let seed = values.seed else { return .unrecorded }
    var done = Done()
    done.text = "set seed=\(seed)"
    return done
  }

  private func apply(to session: Session) {
    if let width = values.width {
      session.fixedWidth = width == 0 ? nil : width
      if width > 0 { session.presentation.width = width }
    }
    if let digits = values.digits { session.presentation.digits = digits }
    if let reader = values.reader { session.presentation.reader = reader }
    if let plain = values.plain { session.isPlain = plain }
    if let language = values.language { session.presentation.language = language }
    if let seed = values.seed { session.seed = UInt64(seed) }
    if let memory = values.undoMemory { session.timeline.budget = memory << 20 }
    if let threads = values.threads { Threads.shared.count = threads }
  }

  private static func table(_ session: Session) -> [(name: String, value: String, help: String)] {
    let shown = session.presentation
    func word(_ on: Bool) -> String { on ? "on" : "off" }
    let values = [
      "width": session.fixedWidth.map(String.init) ?? "\(shown.width) (terminal)",
      "digits": "\(shown.digits)",
      "reader": word(shown.reader), "plain": word(session.isPlain), "language": shown.language.rawValue,
      "seed": "\(session.seed)", "undo-memory": "\(session.timeline.budget >> 20)",
      "threads": "\(Threads.shared.count)",
    ]
    return options.map { ($0.name, values[$0.name] ?? "", $0.help) }
  }

  private static func whole(
    _ name: String, _ path: WritableKeyPath<Values, Int?>, _ help: String, _ allowed: ClosedRange<Int>
  ) -> Option<SetCommand> {
    Option(
      name: name, help: help, kind: .integer,
      read: { $0.values[keyPath: path].map(OptionValue.integer) ?? .text("") }
    ) { command, value in
      guard let n = value.asInteger, allowed.contains(n), n == 0 || name != "width" || n >= 40 else {
        throw Failure("\(name)=\(value) cannot be.", cure: "\(name): \(help)")
      }
      command.values[keyPath: path] = n
    }
  }

  private static func flag(_ name: String, _ path: WritableKeyPath<Values, Bool?>, _ help: String) -> Option<
    SetCommand
  > {
    Option(
      name: name, help: help, kind: .flag,
      read: { $0.values[keyPath: path].map(OptionValue.flag) ?? .text("") }
    ) { command, value in
      guard let on = value.asFlag else {
        throw Failure("\(name)=\(value) cannot be: \(name) is yes or no.", cure: help)
      }
      command.values[keyPath: path] = on
    }
  }
}
