import Data
import Events
import FileSystem
import Options
import Training

/// Dialogues and pairs: what the stages of alignment learn from.
extension DataCommand {
  /// Options for dialogues and pairs.
  static var feedback: [Option<DataCommand>] {
    [
      Option("loss", \.loss, "for chat: which tokens carry loss"),
      Option(
        "form", \.form,
        "for chat: how turns become text: \(DialogueForm.all.map(\.name).joined(separator: " ")), or own: the model's"
      ),
      Option("packing", \.packing, "for chat: lay short rows side by side, each reading itself alone"),
      Option("prompt", \.prompt, "for pairs: the column of prompts"),
      Option("chosen", \.chosen, "for pairs: the column of the better answers"),
      Option("rejected", \.rejected, "for pairs: the column of the worse ones"),
    ]
  }

  // MARK: Dialogues

  /// Dialogues of a file as rows.
  func dialogues(_ session: Session, _ subject: Subject) throws {
    guard subject.model.network.answers == .positions else {
      throw Failure(
        "\(subject.name) answers with classes, and dialogues are to be gone on with.",
        cure: "gpt without classes")
    }
    let isExample = call.text(1) == "example"
    let (name, content) = isExample ? ("example dialogues", "") : try file(session)
    let all = isExample ? ExampleDialogues.all : try Dialogue.lines(content, name: name)
    let task = DialogueTask(
      form: try DialogueForm.named(form, chat: (subject.tokenizer as? PipelineTokenizer)?.chat), mask: loss,
      context: try subject.rowLength(ctx),
      tokenizer: subject.tokenizer)
    let shares = try shares()
    let split = try Split(count: all.count, validation: 0, test: shares.heldOut, seed: seed)
    var lost = 0, joined = 0
    func rows(_ places: [Int]) throws -> [Example] {
      let found = try all.picked(places).compactMap { one -> Example? in
        if try task.splitsTokens(one) { joined += 1 }
        let row = try task.example(one)
        if row == nil { lost += 1 }
        return row
      }
      return packing ? try RowPacking.packed(found, capacity: task.context) : found
    }
    let training = try rows(split.train), heldOut = try rows(split.test)
    guard !training.isEmpty else {
      throw Failure(
        "no row of \(name) leaves a token with loss in \(task.context) tokens: nothing could be learnt.",
        cure: "Give longer rows (ctx=), shorter prompts, or loss=full")
    }
    let source = try ExampleBatches(
      name, training: training, heldOut: heldOut, rows: rowCount, filler: subject.tokenizer.filler, seed: seed
    )
    subject.source = source
    subject.task = TaskFacts(name: name)
    subject.trainer.state.objective = SFT()
    if let mark = task.form.mark, try task.isForeign {
      session.emit(
        .note(
          Note("\(subject.name) has no token for \(mark): it reads the marks of \(form) letter by letter")))
    }
    show(source, lost: lost, joined: joined, session)
  }

  private var rowCount: Int { rows }

  private func show(_ source: ExampleBatches, lost: Int, joined: Int, _ session: Session) {
    func row(_ title: String, _ rows: [Example]) -> [Datum] {
      let tokens = rows.reduce(0) { $0 + $1.ids.count }, counted = rows.reduce(0) { $0 + $1.counted }
      let texts = rows.reduce(0) { $0 + max(1, $1.documents.count) }
      return [.words(title), .count(texts), .count(rows.count), .count(tokens), .count(counted)]
    }
    session.emit(
      .table(
        Table(
          columns: ["part", "dialogues", "rows", "tokens", "carry loss"],
          rows: [row("to learn from", source.training), row("held out", source.heldOut)])))
    if lost > 0 {
      session.emit(
        .note(
          Note(
            StyledText("\(counted(lost, "row")) left out: cut to the context, no token would carry loss"),
            .warning)))
    }
    if joined > 0 {
      session.say(
        .dim(
          "\(counted(joined, "row")) would have other tokens if prompt and answer were encoded as one text"))
    }
    session.say(.dim("show mask says which tokens count"))
  }

  // MARK: Pairs

  /// Pairs of a file, or those made from the tweets' raters.
  func pairs(_ session: Session, _ subject: Subject) throws {
    let isTweets = call.text(1) == "tweets"
    let name: String, training: [PreferencePair], heldOut: [PreferencePair]
    if isTweets {
      let pairs = try TweetPairs.read(session.surroundings.places)
      (name, training, heldOut) = ("tweet pairs", pairs.training, pairs.heldOut)
    } else if call.text(1) == "letters" {
      let all = LetterPairs.pairs(1000, liked: Set("aeiou"), seed: seed)
      (name, training, heldOut) = ("letter pairs", Array(all.prefix(800)), Array(all.suffix(200)))
    } else {
      let (file, content) = try file(session)
      guard let format = try? TextTable.format(of: file) else {
        throw Failure(
          "“\(file)” does not end in .csv, .tsv or .jsonl.", cure: "data pairs FILE.jsonl",
          place: call.places.last)
      }
      let all = try TextTable(text: content, format: format, name: file)
        .pairs(prompt: prompt, chosen: chosen, rejected: rejected)
      let split = try Split(count: all.count, validation: 0, test: shares().heldOut, seed: seed)
      (name, training, heldOut) = (file, all.picked(split.train.sorted()), all.picked(split.test.sorted()))
    }
    let task = PairTask(context: try subject.rowLength(ctx), tokenizer: subject.tokenizer)
    if let first = training.first {
      do { _ = try task.examples(first) } catch let failure as Failure
        where failure.what.contains("has no id")
      {
        throw Failure(
          "\(subject.name) reads \(subject.tokenizer.name), and these texts have others.",
          cure: "A base that reads any text: let m = gpt base=reviews", details: [failure.what])
      }
    }
    let source = try PairBatches(
      name, training: training, heldOut: heldOut, task: task, rows: rows, seed: seed)
    subject.source = source
    subject.task = TaskFacts(name: name)
    choose(subject)
    show(source, session, subject)
  }

  /// A trainer that can learn from pairs, where the present one cannot.
  private func choose(_ subject: Subject) {
    let isScored = subject.model.network.answers == .rows, now = subject.trainer.state.objective
    if isScored, !(now is RewardModel) { subject.trainer.state.objective = RewardModel() }
    if !isScored, now is SFT || now is RewardModel { subject.trainer.state.objective = DPO() }
  }

  private func show(_ source: PairBatches, _ session: Session, _ subject: Subject) {
    func row(_ title: String, _ pairs: [PreferencePair]) -> [Datum] {
      let agreement = Statistics.mean(pairs.map(\.preference.agreement))
      return [.words(title), .count(pairs.count), pairs.isEmpty ? .empty : .percent(agreement)]
    }
    session.emit(
      .table(
        Table(
          columns: ["part", "pairs", "raters who agree"],
          rows: [row("to learn from", source.training), row("held out", source.heldOut)])))
    if let first = source.training.first {
      if !first.prompt.isEmpty { session.say(.dim("prompt   ") + .code(first.prompt)) }
      session.say(.dim("chosen   ") + .code(first.chosen))
      session.say(.dim("rejected ") + .code(first.rejected))
    }
    session.say(.dim("trainer: \(subject.trainer.state.objective.text)"))
  }
}
