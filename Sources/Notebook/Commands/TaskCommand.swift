import Data
import Events
import Options
import Training

/// `task`: a toy task on the alphabet.
public struct TaskCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "task", "Sets a toy task: rows of letters that go on by fixed steps.",
    use:
      "+2 is a skill the alphabet base knows, +5 one that it has never seen; several skills make a mixture. A model that answers with classes is to tell which skill a row has.",
    examples: ["task +2", "task +5", "task +1,+2,+3,-1", "task +2 rows=32", "task +1,+2,+3,-1 pictures=yes"],
    notes: [
      "pictures=yes shows a 2×2 picture with each row, whose bright pixel says which skill it follows: four image",
      "tokens of 64 numbers by a frozen random projection. A model reads them once pill is attached.",
    ], changes: true)

  /// Rows a batch.
  public var rows = 16
  /// Letters a row.
  public var length = 16
  /// The seed of the rows.
  public var seed = 5
  /// Whether pictures say which skill a row follows.
  public var pictures = false
  /// What was typed.
  public var call = Call()

  /// Its options.
  public static var options: [Option<TaskCommand>] {
    [
      Option("rows", \.rows, "rows a batch", in: 1...4096),
      Option("length", \.length, "letters a row", in: 2...4096),
      Option("seed", \.seed, "seed of the rows"),
      Option("pictures", \.pictures, "whether a picture of 2×2 pixels says which skill each row follows"),
    ]
  }
  /// Skills.
  public static var takes: Takes { Takes("SKILL,…", 1...8) { _, _ in ["+1", "+2", "+3", "-1", "+5", "+7"] } }

  /// Sixteen rows of sixteen letters.
  public init() {}

  /// Sets the data of the current model.
  public func run(_ session: Session) throws -> Done {
    let subject = try session.current()
    let skills = try call.words.flatMap(\.elements).map { try AlphabetTask.skill($0.asText ?? "") }
    let task = try AlphabetTask(skills: skills, length: length, seed: seed)
    guard subject.model.network.reads == .tokens else {
      throw Failure(
        "\(subject.name) reads pictures, and these are letters.",
        cure: "gpt and bert make models that read them")
    }
    try subject.checkAnswersTexts()
    let isClassified = subject.model.network.answers == .rows, classes = subject.model.network.head.width.out
    guard !isClassified || skills.count <= classes else {
      throw Failure(
        "\(subject.name) answers with \(classes) classes, and these are \(skills.count) skills to tell apart.",
        cure: "\(subject.model.architecture.title) classes=\(skills.count)")
    }
    guard subject.tokenizer.vocabularySize >= 26 else {
      throw Failure(
        "\(subject.name) knows \(subject.tokenizer.vocabularySize) tokens; letters need 26.",
        cure: "gpt vocab=26")
    }
    let context = subject.model.size(subject.model.architecture.sizes.context) ?? length
    guard length <= context else {
      throw Failure(
        "rows of \(length) letters do not fit a context of \(context).", cure: "length=\(context)")
    }
    try session.checkStep(subject, rows: rows, columns: length)
    let seen = pictures ? try SkillPictures(skills: skills.count, seed: seed) : nil
    let start = subject.model.network.start
    guard start == nil || !pictures else {
      throw Failure(
        "\(subject.name) reads with an encoder, and pill puts pictures before the text of a decoder.",
        cure: "gpt makes a model that sees: let m = gpt base=alphabet")
    }
    subject.source = AlphabetBatches(task, rows: rows, pictures: seen, start: start)
    let isSeen = pictures || start != nil && length >= 4  // two letters tell the skill
    let floor = isClassified ? nil : isSeen ? 0 : task.lossFloor
    subject.task = TaskFacts(name: "alphabet " + task.name, floor: floor)
    subject.lastEvaluation = nil
    let shown = (0..<2).map { subject.shown(task.example($0), length) }.joined(separator: " · ")
    session.say("sequences such as " + .code(shown) + .dim("      (seed \(seed), batch \(rows))"))
    if isClassified {
      session.say(.dim("its answer is the skill of a row, one of \(skills.count): \(task.name)"))
    } else if start != nil {
      session.say(
        .dim("the encoder reads the first \(max(1, length / 2)) letters, the decoder writes the others"))
    } else if task.lossFloor > 0 {
      session.say(
        .dim("no model can go below \(formatted(task.lossFloor)): the first letter does not tell the skill")
          + .dim(pictures ? "; its picture does" : ""))
    }
    if pictures { session.sayWhetherItSees(subject) }
    return Done()
  }
}

extension Subject {
  /// A row of letters as it is shown: with what is read and what is written apart, where they are.
  fileprivate func shown(_ row: Example, _ length: Int) -> String {
    guard model.network.start != nil, let pair = try? row.cut(after: max(1, length / 2)) else {
      return tokenizer.decode(row.ids)
    }
    return tokenizer.decode(pair.ids) + " → " + tokenizer.decode(pair.answer ?? [])
  }
}
