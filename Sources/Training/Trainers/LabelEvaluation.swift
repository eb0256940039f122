import Data
import Engine
import Networks
import Options

extension Evaluation {
  /// What a model that answers in words makes of labelled texts: the answer is the label whose tokens are likeliest in
  /// sum; loss and accuracies are those of the right label's tokens.
  ///
  /// Texts run in order of their length, many at a time. An interrupt, raised once, ends it with
  /// `EngineError.interrupted`; `progress` hears how many texts are done.
  public init(
    _ model: Model, labelled source: LabelledBatches, part: LabelledBatches.Part = .heldout,
    isBase: Bool = false, interrupt: Interrupt? = nil,
    progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
  ) throws {
    let texts = source.texts(part), task = source.task
    guard !texts.isEmpty else {
      throw Failure(
        "\(source.name) has no texts to evaluate on in its part “\(part.rawValue)”.",
        cure: "Give it a share: split=80,10,10")
    }
    let truth = try texts.map { try task.labels.choice(of: $0.label) }
    let lengths = try texts.map { try task.prompt($0.text).count }
    let order = texts.indices.sorted { (lengths[$0], $0) < (lengths[$1], $1) }
    var predicted = [Int](repeating: 0, count: texts.count)
    var loss = 0.0, accuracy = NextTokenAccuracy()
    let together = max(1, 64 / task.labels.count)
    for start in stride(from: 0, to: order.count, by: together) {
      if interrupt?.isRaised == true { throw EngineError.interrupted }
      let chosen = Array(order[start..<min(start + together, order.count)])
      let answers = try LabelAnswers(
        chosen.map { texts[$0].text }, model, task, seen: source.seen?.features[part]?.picked(chosen),
        isBase: isBase, interrupt)
      for (text, (scores, tokens)) in zip(chosen, zip(answers.scores, answers.tokens)) {
        predicted[text] = scores.indices.max { scores[$0] < scores[$1] } ?? 0
        loss -= scores[truth[text]]
        accuracy.add(tokens[truth[text]].map(\.isFirst))
      }
      progress(start + chosen.count, order.count)
    }
    self.init(
      loss: loss / Double(max(1, accuracy.counted)), accuracy: accuracy.overall,
      firstAccuracy: accuracy.first, counted: accuracy.counted,
      classification: Classification(labels: task.labels.words, truth: truth, predicted: predicted))
  }
}
