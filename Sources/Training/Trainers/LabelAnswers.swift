import Data
import Engine
import Networks
import Options

/// What a model makes of texts that it answers in words: each label's tokens, as it would go on with them.
///
///     log p(label | text) = Σ log p(token | template with the text, label's tokens before it)
///
/// A text is run once, its keys and values are kept, and each label's tokens are run behind them. Where a row is longer
/// than the context, or a decoder writes the label, each label has a row of its own.
struct LabelAnswers {
  /// A token of a label.
  struct Told {
    /// log p(token) in nats.
    let score: Double
    /// Whether no other token is more probable.
    let isFirst: Bool
  }

  /// [texts][labels][tokens]
  private(set) var tokens: [[[Told]]]

  /// log p of each label after each text, [texts][labels], in nats.
  var scores: [[Double]] { tokens.map { $0.map { $0.reduce(0) { $0 + $1.score } } } }

  /// Tries every label on every text; `seen` are image tokens that go with the texts. With `isApart` nothing is shared.
  init(
    _ texts: [String], _ model: Model, _ task: LabellingTask, seen: Features? = nil, isBase: Bool = false,
    isApart: Bool = false, _ interrupt: Interrupt? = nil
  ) throws {
    tokens = texts.map { _ in task.labels.words.map { _ in [] } }
    guard !texts.isEmpty else { return }
    let rows = try texts.map { try task.candidates($0) }, prompts = try texts.map { try task.prompt($0) }
    let isWhole =
      !isApart && !task.isAnswered
      && zip(rows, prompts).allSatisfy { candidates, prompt in
        !prompt.isEmpty
          && zip(candidates, task.labelTokens).allSatisfy { $0.ids.count == prompt.count + $1.count }
      }
    if isWhole {
      try together(zip(rows, prompts).map { try $0[0].reading($1) }, model, task, seen, isBase, interrupt)
    } else {
      try apart(rows.flatMap { $0 }, model, task, seen, isBase, interrupt)
    }
  }

  /// All texts at once, then label by label what comes after its first token.
  private mutating func together(
    _ prompts: [Example], _ model: Model, _ task: LabellingTask, _ seen: Features?, _ isBase: Bool,
    _ interrupt: Interrupt?
  ) throws {
    var batch = try Batch(prompts, pad: task.tokenizer.filler)
    batch.features = seen
    let texts = Cache(), pass = Pass(isBase: isBase, cache: texts, interrupt: interrupt)
    let first = try model.nextLogits(Input(batch), pass)
    for (label, answer) in task.labelTokens.enumerated() {
      add(try first.told([Int](repeating: answer[0], count: batch.rows))) { ($0, label) }
      let rest = answer.dropFirst()
      guard !rest.isEmpty else { continue }
      let pass = Pass(isBase: isBase, cache: Cache(texts), interrupt: interrupt)
      let input = Input(
        prompts.map { _ in Array(answer.dropLast()) }, mask: prompts.map { _ in rest.map { _ in 1 } })
      let states = try model.network.hidden(input, pass).states
      let logits = try model.network.logits(states.reshaped([batch.rows * rest.count, states.width]), pass)
      add(try logits.told(prompts.flatMap { _ in rest })) { ($0 / rest.count, label) }
    }
  }

  /// A row for each text and label.
  private mutating func apart(
    _ rows: [Example], _ model: Model, _ task: LabellingTask, _ seen: Features?, _ isBase: Bool,
    _ interrupt: Interrupt?
  ) throws {
    let labels = task.labels.count, start = task.isAnswered ? model.network.start : nil
    var batch = try Batch(rows, pad: task.tokenizer.filler, start: start)
    batch.features = seen?.picked(rows.indices.map { $0 / labels })
    let pass = Pass(isBase: isBase, interrupt: interrupt)
    let (states, targets, places) = try model.targetStates(batch, pass)
    let told = try model.network.logits(states, pass).told(targets)
    add(told) { (places[$0].row / labels, places[$0].row % labels) }
  }

  private mutating func add(_ told: [Told], _ place: (Int) -> (text: Int, label: Int)) {
    for (i, one) in told.enumerated() {
      let (text, label) = place(i)
      tokens[text][label].append(one)
    }
  }
}

extension Example {
  /// The row that only reads its prompt.
  fileprivate func reading(_ prompt: [Int]) throws -> Example {
    var row = try Example(ids: prompt, labels: prompt.map { _ in Example.ignored }, choice: choice)
    row.slots = slots
    return row
  }
}

extension Tensor {
  /// What logits [rows, vocabulary] say of one token in each row.
  fileprivate func told(_ targets: [Int]) throws -> [LabelAnswers.Told] {
    let scores = try crossEntropy(targets.map { Int32($0) }).rows.scalars
    return zip(zip(scores, targets), mostProbable).map {
      LabelAnswers.Told(score: -Double($0.0), isFirst: $0.1 == $1)
    }
  }
}
