import Data
import Engine
import Events
import Formats
import Networks
import Options
import Testing

@testable import Notebook
@testable import Training

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Answers in words: scored by hand, learnt, stopped.
@Suite struct ClassificationTests {
  private func labelled(_ more: String = "") throws -> TimeBench {
    let bench = try TextBench.bench(["rows.csv": TextBench.table(150)])
    try bench.run("data csv rows.csv rows=8 split=60,20,20 " + more)
    return bench
  }

  @Test func scoresAreSumsOverTheLabelsTokens() throws {
    let bench = try labelled(), subject = try bench.session.current()
    let task = try #require(subject.source as? LabelledBatches).task
    let texts = ["the food was good", "the song was very awful and long", "x"]
    let scores = try LabelAnswers(texts, subject.model, task).scores
    for (text, row) in zip(texts, scores) {
      for (label, score) in row.enumerated() {
        // One row alone, token by token, from the logits.
        let prompt = try task.prompt(text), answer = task.labelTokens[label]
        let ids = prompt + answer
        let logits = try subject.model.logits(Input([ids]), Pass()).scalars
        let width = subject.tokenizer.vocabularySize
        var sum = 0.0
        for (i, token) in answer.enumerated() {
          let at = (prompt.count + i - 1) * width
          let row = logits[at..<at + width].map { Double($0) }, top = row.max() ?? 0
          let whole = row.reduce(0) { $0 + exp($1 - top) }
          sum += row[token] - top - log(whole)
        }
        #expect(abs(sum - score) < 1e-4, "\(text) \(label)")
      }
    }
  }

  /// A text that is run once for all labels says what a row for each label says, whatever is attached.
  @Test(arguments: [
    "lora", "prompt n=3", "prefix n=3", "ptuning n=3", "ptuning2 n=3", "adapter", "ssf", "qlora",
  ]) func sharedTextsSayTheSame(method: String) throws {
    let bench = try labelled()
    try bench.run("attach \(method)")
    try bench.run("step 3")
    let subject = try bench.session.current()
    let source = try #require(subject.source as? LabelledBatches)
    let texts = source.texts(.heldout).prefix(9).map(\.text)
    let shared = try LabelAnswers(texts, subject.model, source.task)
    let apart = try LabelAnswers(texts, subject.model, source.task, isApart: true)
    for (text, other) in zip(shared.tokens, apart.tokens) {
      for (label, same) in zip(text, other) {
        #expect(label.count == same.count && label.count > 1)
        for (a, b) in zip(label, same) { #expect(abs(a.score - b.score) < 1e-4) }
      }
    }
  }

  @Test func aModelLearnsToAnswer() throws {
    let bench = try labelled()
    let before = try bench.run("eval")
    #expect(
      before.contains("balanced accuracy") && before.contains("95 % interval")
        && before.contains("30 held-out texts"))
    try bench.run("attach full")
    try bench.run("train 120 lr=1e-2")
    let after = try bench.run("eval")
    let found = try #require(try bench.session.current().lastEvaluation?.classification)
    #expect(found.balancedAccuracy > 0.85, "\(after)")
    #expect(found.interval.contains(found.balancedAccuracy) && found.chance == 0.5)
    #expect(found.truth.count == 30 && found.found(0).of + found.found(1).of == 30)
    let base = try bench.run("eval base")
    #expect(base.contains("(was"))
    let untrained = try #require(try bench.session.current().lastEvaluation?.classification)
    #expect(untrained.balancedAccuracy < 0.7)
    let other = try bench.run("eval split=validation")
    #expect(!other.contains("(was") && other.contains("30 validation texts"))
    #expect(try bench.run("eval split=train").contains("90 training texts"))
    #expect(try bench.failure("eval split=test").what.contains("heldout"))
  }

  @Test func evalIsUndoneAndComesTheSame() throws {
    let bench = try labelled(), subject = try bench.session.current()
    try bench.run("eval")
    let first = subject.lastEvaluation
    try bench.run("undo")
    #expect(subject.lastEvaluation == nil)
    try bench.run("eval")
    #expect(subject.lastEvaluation == first && first != nil)
  }

  @Test func anInterruptEndsIt() throws {
    let bench = try labelled(), subject = try bench.session.current()
    let source = try #require(subject.source as? LabelledBatches)
    let interrupt = Interrupt()
    interrupt.raise()
    #expect(throws: EngineError.interrupted) {
      try Evaluation(subject.model, labelled: source, interrupt: interrupt)
    }
    var seen = 0
    #expect(throws: EngineError.interrupted) {
      let interrupt = Interrupt()
      _ = try Evaluation(subject.model, labelled: source, part: .train, interrupt: interrupt) { done, _ in
        seen = done
        interrupt.raise()
      }
    }
    #expect(seen == 32)
  }

  @Test func whereNothingIsHeldOut() throws {
    let bench = try TextBench.bench(["rows.csv": TextBench.table(40)])
    let shown = try bench.run("data csv rows.csv split=100,0,0")
    #expect(shown.contains("nothing is held out"))
    #expect(try bench.failure("eval").what.contains("no texts to evaluate on"))
    try bench.run("attach bitfit")
    try bench.run("step 2")
    try bench.run("data csv rows.csv split=80,0,20")
    try bench.run("train 2")
    #expect(bench.text.contains("held-out texts"))
  }

  @Test func figures() throws {
    let found = Classification(labels: ["a", "b"], truth: [0, 0, 0, 1], predicted: [0, 0, 1, 1])
    #expect(abs(found.balancedAccuracy - (2.0 / 3 + 1) / 2) < 1e-12 && found.accuracy == 0.75)
    #expect(found.majority?.label == "a" && found.majority?.share == 0.75 && found.chance == 0.5)
    #expect(found.found(0) == (2, 3) && found.answered(1) == 2)
  }

}
