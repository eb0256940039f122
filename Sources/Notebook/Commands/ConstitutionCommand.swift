import Data
import Events
import FileSystem
import Options
import Training

/// `constitution`: a model criticises its answers by principles and writes them anew; what comes of it is data.
public struct ConstitutionCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "constitution",
    "Lets a model answer, criticise its answer by a principle that is drawn, and revise it; writes what came of it.",
    formula:
      "answer → critique by a principle → revision        learnt: revision; preferred: revision ≻ answer",
    paper: "Bai et al. 2022, arXiv:2212.08073",
    use:
      "Then data chat FILE learns the revisions, data pairs FILE prefers them to the first answers, and judge may say"
      + " how often it agrees.",
    examples: [
      "constitution n=4", "constitution save=revisions.jsonl", "constitution prompts=questions.txt by=s",
      "constitution principles=rules.txt tokens=60 seed=2",
    ],
    notes: [
      "principles= and prompts= are text files, a principle or a question a line; # begins a remark.",
      "The model's own chat template is used where there is one, else plain lines User: and Assistant:.",
      "A model that was not taught to follow instructions revises nothing: read what it says before you train on it.",
      "The file is written anew each time; undo leaves it as it is.",
    ], changes: true)

  /// Questions, from the start of the list, over and over where it is shorter.
  public var n = 12
  /// A file of principles; empty: the usual ones.
  public var principles = ""
  /// A file of questions; empty: the usual ones.
  public var prompts = ""
  /// The model that criticises and revises; empty: the one that answers.
  public var by = ""
  /// The most tokens of each text.
  public var tokens = 60
  /// How widely tokens are drawn.
  public var temperature: Float = 0.7
  /// The seed of principles and texts.
  public var seed = 1
  /// Rows that are shown in full.
  public var shown = 2
  /// Where the rows go; empty: nowhere.
  public var save = ""
  /// What was typed.
  public var call = Call()

  /// Its options.
  public static var options: [Option<ConstitutionCommand>] {
    [
      Option("n", \.n, "how many questions; a list that is shorter begins again", in: 1...100_000),
      Option("principles", \.principles, "a file of principles, one a line"),
      Option("prompts", \.prompts, "a file of questions, one a line"),
      Option("by", \.by, "the model that criticises and revises; empty is the one that answers"),
      Option("tokens", \.tokens, "the most tokens of each text", in: 1...10_000),
      Option(
        "temperature", \.temperature, "how widely tokens are drawn; 0 takes the most probable", in: 0...100),
      Option("seed", \.seed, "seed of principles and texts", in: 0...1_000_000_000),
      Option("shown", \.shown, "rows that are shown in full", in: 0...1000),
      Option("save", \.save, "the file that the rows are written to: NAME.jsonl"),
    ]
  }

  /// The usual principles and questions.
  public init() {}

  /// Makes the rows; nothing of the session changes.
  public func run(_ session: Session) throws -> Done {
    guard session.replay == nil else { return Done() }
    let subject = try session.current(), revising = try by.isEmpty ? subject : session.subject(by)
    for one in [subject, revising] { try one.checkAskable() }
    let path = try target(session)
    let loop = ConstitutionalLoop(
      constitution: principles.isEmpty
        ? .usual : try Constitution(text: text(of: principles, session), name: principles),
      answering: subject, revising: revising, tokens: tokens, temperature: temperature, seed: seed)
    let all = prompts.isEmpty ? Constitution.prompts : try questions(session)
    let rows = try loop.run((0..<n).map { all[$0 % all.count] }, session)
    for (i, row) in rows.prefix(shown).enumerated() { tell(row, i, session) }
    let useful = rows.filter(\.isUseful)
    session.emit(
      .facts(
        Facts(
          "",
          [.init("rows", .count(rows.count)), .init("with a revision that differs", .count(useful.count))])))
    guard let path else { return Done() }
    guard !useful.isEmpty else {
      throw Failure(
        "no revision differs from its answer: there is nothing to learn.",
        cure: "A model that follows instructions: let s = open smollm2")
    }
    let lines = try useful.map { try $0.line + "\n" }
    try session.surroundings.files.write(path, text: lines.joined())
    session.writtenAt.insert(session.timeline.head)
    session.say(.code(save) + StyledText("   \(counted(useful.count, "row"))"))
    session.say(
      .dim("data chat \(save) learns the revisions; data pairs \(save) prefers them to the answers"))
    return Done()
  }

  /// Where the rows go; throws where a file is there that this command did not write.
  private func target(_ session: Session) throws -> String? {
    guard !save.isEmpty else { return nil }
    guard save.hasSuffix(".jsonl") else {
      throw Failure("save=\(save) does not end in .jsonl.", cure: "save=\(save).jsonl")
    }
    let path = session.path(save), files = session.surroundings.files
    if case .file? = try files.kind(at: path), try !files.text(of: path).contains("\"critique\"") {
      throw Failure("\(save) is there, and constitution did not write it.", cure: "Another name")
    }
    return path
  }

  private func text(of file: String, _ session: Session) throws -> String {
    try session.surroundings.files.text(of: session.path(file))
  }

  private func questions(_ session: Session) throws -> [String] {
    let found = try text(of: prompts, session).split(whereSeparator: \.isNewline).map { String($0).trimmed }
      .filter { !$0.isEmpty && !$0.hasPrefix("#") }
    guard !found.isEmpty else { throw Failure("\(prompts) has no question.", cure: "Write one a line") }
    return found
  }

  private func tell(_ row: Revision, _ number: Int, _ session: Session) {
    session.say(.strong("\(number + 1)  ") + StyledText(row.question))
    session.say(.dim("  answer     ") + .code(row.answer))
    session.say(.dim("  principle  ") + StyledText(row.principle))
    session.say(.dim("  critique   ") + .code(row.critique))
    session.say(.dim("  revision   ") + .code(row.revision))
  }
}
