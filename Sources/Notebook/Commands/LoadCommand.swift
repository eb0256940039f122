import Engine
import Events
import FileSystem
import Formats
import Networks
import Options

/// `load`: a saved session, or an adapter onto the model that is there.
public struct LoadCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "load", "Brings a saved session back exactly, or attaches an adapter from a folder.",
    use:
      "load last runs again what the last session did, after a crash. load back returns from a loaded session.",
    examples: [
      "load work", "load last", "load adapters/tweets", "load adapters/tweets as=mood", "load back",
    ],
    notes: [
      "A session goes on with the same losses, bit for bit; its tape is there to go back in, with all branches.",
      "An adapter must find every tensor and change some logit, which is measured with it on and off.",
      "Its models need no folder any more. Data are read again by their line; if they are gone, the rest still loads.",
    ], changes: true)

  /// The name of an adapter; empty: the method's.
  public var `as` = ""
  /// What an adapter may be without being an error.
  public enum Allowed: String, CaseIterable, Sendable { case nothing, unchanged }
  /// What an adapter may be.
  public var allow = Allowed.nothing
  /// What was typed.
  public var call = Call()

  /// Its options.
  public static var options: [Option<LoadCommand>] {
    [
      Option("as", \.`as`, "for an adapter: its name here"),
      Option("allow", \.allow, "unchanged: an adapter that changes no logit is no error"),
    ]
  }
  /// A file or a folder.
  public static var takes: Takes { Takes("FILE | FOLDER | last | back", 1...1, isPath: true) }

  /// Nothing named yet.
  public init() {}

  /// Loads it and says what was found.
  public func run(_ session: Session) throws -> Done {
    let typed = call.text(0) ?? ""
    do {
      switch typed {
      case "last": return try last(session)
      case "back": return try back(session)
      default: break
      }
      let path = session.path(typed), files = session.surroundings.files
      let named = try files.kind(at: path) == nil ? SaveCommand.sessionPath(path) : path
      switch try files.kind(at: named) {
      case .folder: return try folder(named, session)
      case nil: _ = try files.size(of: path)  // throws with the nearest name
      default: break
      }
      return try saved(named, session)
    } catch let failure as Failure { throw failure.at(call.places.first) }
  }

  // MARK: Sessions

  private func saved(_ path: String, _ session: Session) throws -> Done {
    if [".graft", ".md", ".markdown"].contains(where: path.hasSuffix) {
      throw Failure("\(path) holds cells, no session.", cure: "run \(path)")
    }
    let loaded = try LoadedSession(path, for: session)
    try session.become(loaded.state, loaded.timeline)
    session.fileName = path
    session.journal?(Journal.mark)
    session.journal?("load " + Syntax.spelling(of: .text(session.surroundings.absolute(path))))
    say(loaded, path, session)
    return .unrecorded
  }

  private func say(_ loaded: LoadedSession, _ path: String, _ session: Session) {
    let tape = loaded.timeline, steps = tape.path.reduce(0) { $0 + $1.steps }
    session.say(
      .code(path)
        + StyledText(
          "   \(counted(tape.entries.count - 1, "entry")) of the tape, \(counted(steps, "training step"))"))
    for subject in session.models {
      let names = subject.model.attachments.map(\.name)
      let mark = subject.name == session.currentName && session.models.count > 1 ? " (in use)" : ""
      session.say(.strong(subject.name) + StyledText("\(mark)  " + subject.summary))
      let moments = subject.trainer.state.memory.count
      session.say(
        .dim(
          (names.isEmpty ? "nothing attached" : "attached: " + names.joined(separator: ", "))
            + "; step \(subject.trainer.state.step), "
            + (moments == 0
              ? "no moments of an optimizer"
              : "the optimizer came along: moments of \(counted(moments, "tensor"))")))
    }
    for note in loaded.notes { session.emit(.warning(StyledText(note))) }
    if loaded.isWhole {
      session.say("hash " + .strong(loaded.hash.now) + StyledText(" as when it was saved; load back returns"))
    } else if loaded.notes.isEmpty {
      session.emit(
        .warning("the hash is \(loaded.hash.now), and was \(loaded.hash.saved): something is not as it was"))
    } else {
      session.say(.dim("the numbers are as they were; the hash counts the data too; load back returns"))
    }
  }

  /// Exchanges the session with the one that was there before a load.
  private func back(_ session: Session) throws -> Done {
    guard let (state, timeline, name) = session.shelf else {
      throw Failure(
        "nothing was loaded here, so there is nothing to return to.", cure: "undo goes back by a cell")
    }
    try session.become(state, timeline)
    session.fileName = name
    session.say(
      "back in the session from before" + StyledText(session.whereabouts) + .dim("   load back changes again")
    )
    return .unrecorded
  }

  // MARK: The last journal

  private func last(_ session: Session) throws -> Done {
    let path = session.surroundings.places.state + "/" + Journal.lastName, files = session.surroundings.files
    guard try files.exists(path) else {
      throw Failure("no earlier session has left a journal.", cure: "load FILE loads a saved one")
    }
    let lines = Journal.lines(of: try files.text(of: path))
    guard !lines.isEmpty else { throw Failure("the last session did nothing that could be done again.") }
    session.say(.dim("doing again what the last session did: \(counted(lines.count, "line")); Ctrl-C stops"))
    let twin = session.twin(), outer = session.observer
    var kept: [String] = [], done = 0, problem: Failure?
    twin.journal = { kept.append($0) }
    twin.observer = { event in if case .progress = event { outer(event) } }
    for line in lines where problem == nil && !session.interrupt.isRaised {
      do {
        try twin.again(line)
        done += 1
      } catch { problem = error as? Failure ?? Failure("\(error)") }
    }
    guard done > 0 else { throw problem ?? Failure("stopped before the first line.") }
    try session.become(twin.capture(), twin.timeline)
    (session.isUnsaved, session.fileName) = (true, twin.fileName)
    session.journal?(Journal.mark)
    for line in kept { session.journal?(line) }
    session.say("\(done) of \(counted(lines.count, "line")) done again" + StyledText(session.whereabouts))
    var result = Done.unrecorded
    result.failure = problem.map {
      Failure("line \(done + 1), \(lines[done]), fails now: \($0.what)", cure: $0.cure, details: $0.details)
    }
    return result
  }

  // MARK: Adapters

  private func folder(_ path: String, _ session: Session) throws -> Done {
    let files = session.surroundings.files
    switch try HuggingFaceFolder(path, files: files).kind {
    case .adapter: return try adapter(path, session)
    case .base: throw Failure("\(path) holds a base model, no adapter.", cure: "let m = open \(path)")
    case .sessions(let names):
      throw Failure(
        "\(path) holds sessions.", cure: "load \(Path.join(path, names.first ?? "FILE"))", details: names)
    case .nothing:
      throw Failure(
        "\(path) holds no adapter, no model and no session.",
        cure: "Name the folder that has adapter_config.json")
    }
  }

  private func adapter(_ path: String, _ session: Session) throws -> Done {
    let subject = try session.current(), model = subject.model
    model.chance = session.chance
    let loaded = try AdapterFiles.read(
      path, onto: model, name: `as`.isEmpty ? nil : `as`, mustChange: allow != .unchanged,
      files: session.surroundings.files)
    let report = loaded.report
    session.say(
      .strong(loaded.attachment.name) + StyledText("  \(report.type) from ") + .code(path)
        + StyledText(
          "   \(grouped(report.matched.count)) tensors matched, 0 missing, \(report.unexpected.count) extra; "
            + "\(grouped(report.count)) numbers"))
    session.say(
      StyledText("logits changed by up to \(formatted(report.difference))")
        + .dim("   with it on against off"))
    for note in report.notes { session.emit(.note(Note(StyledText(note)))) }
    if !report.unexpected.isEmpty {
      session.say(
        .dim("not needed: " + report.unexpected.prefix(3).map(\.description).joined(separator: "   ")))
    }
    if let warning = report.warning { session.emit(.warning(StyledText(warning))) }
    try session.sayCounts(subject)
    return Done()
  }
}
