import Data
import Engine
import Networks
import Options
import Training

/// A model that is asked about one answer, and whose word is how much likelier it finds the one label than the other.
///
///     r = log p(yes | question) − log p(no | question)
struct AskedModel: Reward {
  private let subject: Subject
  private let template: String
  private let labels: [String]
  private let isTalk: Bool

  /// The usual question: that of the tweets; in a talk one in whole words.
  static let question = "Tweet: {text} Label:"
  static let spoken =
    "Is the feeling of this text positive or negative? Answer with one word.\n\nText: {text}"

  init(_ subject: Subject, template: String, labels: [String], isTalk: Bool = false) throws {
    try subject.checkAskable()
    if isTalk { _ = try subject.talk("") }
    (self.subject, self.isTalk) = (subject, isTalk)
    self.template = template.isEmpty ? (isTalk ? Self.spoken : Self.question) : template
    let usual = isTalk ? ["Positive", "Negative"] : [" positive", " negative"]
    self.labels = labels.isEmpty ? usual : labels
    guard self.template.contains("{text}") else {
      throw Failure("template=“\(self.template)” has no {text}.", cure: "template=\"\(Self.question)\"")
    }
  }

  var line: String {
    "reward asks \(subject.name) template=\(quoted(template)) labels=\(labels.map(quoted).joined(separator: ","))"
      + (isTalk ? " chat=yes" : "")
  }

  func scores(_ answers: [Answer]) throws -> [Float] {
    let questions = answers.map { template.replacing("{text}", with: $0.question + $0.text) }
    return try subject.odds(isTalk ? questions.map(subject.talk) : questions, labels)
  }
}

/// A model that sees both answers in one prompt and says which is better. Lee et al. 2023, arXiv:2309.00267.
struct ComparingModel: Judge {
  private let subject: Subject
  private let template: String
  private let labels: [String]
  private let isTalk: Bool

  static let question = "{prompt}\n1: {first}\n2: {second}\nPreferred:"
  static let spoken =
    "{prompt}\n\n1: {first}\n2: {second}\n\nWhich of the two is better? Answer with 1 or 2."

  init(_ subject: Subject, template: String, labels: [String], isTalk: Bool = false) throws {
    try subject.checkAskable()
    if isTalk { _ = try subject.talk("") }
    (self.subject, self.isTalk) = (subject, isTalk)
    self.template = template.isEmpty ? (isTalk ? Self.spoken : Self.question) : template
    self.labels = labels.isEmpty ? (isTalk ? ["1", "2"] : [" 1", " 2"]) : labels
    guard self.template.contains("{first}"), self.template.contains("{second}") else {
      throw Failure(
        "the template lacks {first} or {second}.", cure: "template=\"1: {first} 2: {second} Preferred:\"")
    }
  }

  func first(_ pairs: [PreferencePair]) throws -> [Double] {
    let questions = pairs.map { pair in
      template.replacing("{prompt}", with: pair.prompt).replacing("{first}", with: pair.chosen)
        .replacing("{second}", with: pair.rejected)
    }
    return try subject.odds(isTalk ? questions.map(subject.talk) : questions, labels).map {
      1 / (1 + (-Double($0)).naturalExponential)
    }
  }
}

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Double {
  fileprivate var naturalExponential: Double { exp(self) }
}

/// A text as it is typed.
func quoted(_ text: String) -> String {
  "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n") + "\""
}

extension Subject {
  /// Throws where the model does not go on with text.
  func checkAskable() throws {
    guard model.network.answers == .positions else {
      throw Failure("\(name) answers with classes and cannot be asked in words.", cure: "gpt without classes")
    }
  }

  /// A question as the user's turn of a talk, with the answer begun, as the model's makers write it.
  func talk(_ question: String) throws -> String {
    guard let pipeline = tokenizer as? PipelineTokenizer else {
      throw Failure("\(name) has no chat template.", cure: "Ask without chat, in plain text")
    }
    return try pipeline.talk([ChatMessage("user", question)])
  }

  /// log p(first label) − log p(second label) after each question, in nats; a question that is too long loses its start.
  func odds(_ questions: [String], _ labels: [String]) throws -> [Float] {
    let words = try labels.map { try tokenizer.encode($0) }
    guard words.count == 2, words.allSatisfy({ !$0.isEmpty }), words[0] != words[1] else {
      throw Failure(
        "the two labels are the same tokens to \(name): \(labels).", cure: "Give two other words: labels=")
    }
    let context = model.size(model.architecture.sizes.context) ?? 64
    let room = context - (words.map(\.count).max() ?? 1)
    guard room > 0 else { throw Failure("a label does not fit the context of \(name).") }
    let rows = try questions.flatMap { question -> [Example] in
      let read = Array(try tokenizer.encode(question).suffix(room))
      let start = read.isEmpty ? [tokenizer.filler] : read
      return try words.map { try Example(ids: start + $0, labels: start.map { _ in Example.ignored } + $0) }
    }
    var out: [Float] = []
    for start in stride(from: 0, to: rows.count, by: 64) {
      let batch = try Batch(Array(rows[start..<min(start + 64, rows.count)]), pad: tokenizer.filler)
      let sums = try AnswerScores(model, batch, Pass()).values.sum(axes: [1]).scalars
      out += stride(from: 0, to: sums.count, by: 2).map { sums[$0] - sums[$0 + 1] }
    }
    return out
  }
}
