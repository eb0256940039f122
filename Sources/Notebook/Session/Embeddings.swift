import Data
import Engine
import Options
import Training

extension Subject {
  /// The vectors of texts; one that is too long loses its end.
  func embeddings(_ texts: [String], interrupt: Interrupt? = nil) throws -> Tensor {
    guard !model.isBlank else { throw Failure("\(name) has shapes only, and cannot run.") }
    try model.checkGivesVectors()
    let (before, after) = tokenizer.around
    let room = (model.size(model.architecture.sizes.context) ?? Int.max) - before.count - after.count
    let rows = try texts.map { text in
      guard !text.isEmpty else { throw Failure("an empty text has no vector.", cure: "embed \"some words\"") }
      return before + (try tokenizer.encode(text).prefix(max(1, room))) + after
    }
    return try model.embeddings(rows, interrupt: interrupt)
  }
}

/// Which of two descriptions an answer is nearer to, by the vectors of a model that reads texts.
///
///     r = cos(e(text), e(toward)) − cos(e(text), e(away))
struct SimilarityReward: Reward {
  private let subject: Subject
  private let toward: String, away: String

  /// What is usually wished for, and what it is told from.
  static let usual = (toward: "I am happy and pleased with this.", away: "I am sad and angry about this.")

  init(_ subject: Subject, toward: String, away: String) throws {
    self.subject = subject
    self.toward = toward.isEmpty ? Self.usual.toward : toward
    self.away = away.isEmpty ? Self.usual.away : away
    guard self.toward != self.away else {
      throw Failure(
        "toward= and away= are the same.", cure: "toward=\"warm and pleased\" away=\"cold and bitter\"")
    }
    _ = try scores([Answer(question: "", text: self.toward)])  // whether the model gives vectors at all
  }

  var line: String { "reward similarity \(subject.name) toward=\(quoted(toward)) away=\(quoted(away))" }

  func scores(_ answers: [Answer]) throws -> [Float] {
    let texts = answers.map { $0.question + $0.text }.map { $0.isEmpty ? " " : $0 }
    let vectors = try subject.embeddings([toward, away] + texts)
    let width = vectors.shape[1], all = vectors.scalars
    func cosine(_ a: Int, _ b: Int) -> Float {
      (0..<width).reduce(0) { $0 + all[a * width + $1] * all[b * width + $1] }
    }
    return texts.indices.map { cosine($0 + 2, 0) - cosine($0 + 2, 1) }
  }
}
