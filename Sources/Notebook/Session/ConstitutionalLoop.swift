import Data
import Engine
import Events
import Networks
import Options
import Training

/// Answers, critiques and revisions: a model goes over its own words, or another model over them.
///
/// Every stage is a talk that grows: question, answer, request for a critique, critique, request for a revision.
struct ConstitutionalLoop {
  let constitution: Constitution
  let answering: Subject
  let revising: Subject
  let tokens: Int
  let temperature: Float
  let seed: Int

  /// What became of each question, which are numbered from 0.
  func run(_ questions: [String], _ session: Session) throws -> [Revision] {
    var talks = questions.map { [ChatMessage("user", $0)] }
    func stage(_ name: String, _ subject: Subject, _ number: Int) throws -> [String] {
      let said = try say(talks, subject, stage: number, session)
      for i in talks.indices { talks[i].append(ChatMessage("assistant", said[i])) }
      session.say(.dim("\(name): \(counted(said.count, "text")) by \(subject.name)"))
      return said
    }
    func ask(_ text: (Int) -> String) {
      for i in talks.indices { talks[i].append(ChatMessage("user", text(i))) }
    }
    let principles = questions.indices.map { constitution.principle(seed: seed, number: $0) }
    let answers = try stage("answers", answering, 0)
    ask { Constitution.critique(by: principles[$0]) }
    let critiques = try stage("critiques", revising, 1)
    ask { Constitution.revision(of: questions[$0], by: principles[$0]) }
    let revisions = try stage("revisions", revising, 2)
    return try questions.indices.map { i in
      Revision(
        question: questions[i], prompt: try answering.written([ChatMessage("user", questions[i])]),
        answer: answers[i], principle: principles[i], critique: critiques[i], revision: revisions[i],
        lead: answering.hasTemplate ? "" : " ")
    }
  }

  /// The next turn of each talk.
  private func say(_ talks: [[ChatMessage]], _ subject: Subject, stage: Int, _ session: Session) throws
    -> [String]
  {
    let context = subject.model.size(subject.model.architecture.sizes.context) ?? 64
    let room = max(1, context - tokens), size = 8
    var said: [String] = []
    for start in stride(from: 0, to: talks.count, by: size) {
      var sampling = Sampling()
      sampling.temperature = temperature
      sampling.seed = Chance.stream("constitution", step: 3 * start + stage) ^ UInt64(seed)
      sampling.stops = Set(subject.tokenizer.endOfText.map { [$0] } ?? [])
      // A talk that is too long loses its start.
      let rows = try talks[start..<min(start + size, talks.count)].map { talk in
        let ids = try subject.tokenizer.encode(subject.written(talk))
        return Array(ids.suffix(room))
      }
      let new = try subject.model.generate(rows, count: tokens, sampling, interrupt: session.interrupt)
      try session.interrupt.check()
      said += new.map { subject.heard($0) }
      session.emit(
        .progress(
          ProgressLine(said.count, of: talks.count, unit: "text", finished: said.count == talks.count)))
    }
    return said
  }
}

extension Subject {
  /// Whether talks are written as the model's makers do.
  var hasTemplate: Bool { (tokenizer as? PipelineTokenizer)?.chat != nil }

  /// A talk as the model reads it, with the answer begun: by its own template, else in plain lines.
  func written(_ talk: [ChatMessage]) throws -> String {
    if let pipeline = tokenizer as? PipelineTokenizer, pipeline.chat != nil { return try pipeline.talk(talk) }
    let lines = try DialogueForm.plain.pieces(of: Dialogue(talk.map { Turn($0.role, $0.content) }))
    return lines.map { $0.text ?? "" }.joined() + "\nAssistant:"
  }

  /// What the model said, without the end of text; in plain lines an answer ends with its line.
  func heard(_ ids: [Int]) -> String {
    let text = tokenizer.decode(ids.filter { $0 != tokenizer.endOfText })
    let said = hasTemplate ? text : text.drop { $0.isWhitespace }.prefix { !$0.isNewline }.description
    return said.trimmed
  }
}
