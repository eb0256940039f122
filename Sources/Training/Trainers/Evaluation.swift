import Data
import Engine
import Networks

/// What a model reaches on batches it does not train on.
public struct Evaluation: Sendable, Equatable {
  /// Mean −log p(target) in nats.
  public let loss: Double
  /// The share of targets that were the most probable token.
  public let accuracy: Double
  /// The same for the first target of each row.
  public let firstAccuracy: Double
  /// How many targets counted.
  public let counted: Int
  /// For labelled texts: how well the labels were told apart.
  public var classification: Classification?
  /// For tags that tell of names: how well the names were found.
  public var spans: SpanScores?

  /// From its figures.
  public init(
    loss: Double, accuracy: Double, firstAccuracy: Double, counted: Int, classification: Classification? = nil
  ) {
    (self.loss, self.accuracy, self.firstAccuracy) = (loss, accuracy, firstAccuracy)
    (self.counted, self.classification) = (counted, classification)
  }

  /// Runs a model over batches; with `isBase`, without what is attached. An interrupt, raised once, ends it with
  /// `EngineError.interrupted`. `labels` are the classes in words, for a model that answers each row or token with one.
  public init(
    _ model: Model, _ batches: [Batch], labels: [String] = [], isBase: Bool = false,
    interrupt: Interrupt? = nil
  ) throws {
    var total = 0.0, counted = 0, accuracy = NextTokenAccuracy(), truth: [Int] = [], answers: [Int] = []
    let isOnce = model.network.answers == .rows, classes = model.network.head.width.out
    let words =
      model.network.answers == .positions
      ? [] : (0..<classes).map(labels.word(ofClass:))
    var spans = SpanScores()
    for batch in batches {
      if interrupt?.isRaised == true { throw EngineError.interrupted }
      try Loss.check(model, batch)
      // A row that is answered once is a row of one target.
      let targets = isOnce ? batch.choices.map { [$0 ?? Example.ignored] } : batch.targets
      let columns = isOnce ? 1 : batch.targetColumns
      let logits = try model.logits(batch, Pass(isBase: isBase, interrupt: interrupt))
      let result = try logits.reshaped([batch.rows * columns, logits.width])
        .crossEntropy(targets.flatMap { $0.map { Int32($0) } })
      total += Double(result.loss.item) * Double(result.counted)
      counted += result.counted
      let predictions = logits.largest(batch.rows, columns)
      accuracy.add(predictions: predictions, targets: targets)
      guard !words.isEmpty else { continue }
      for (said, wanted) in zip(predictions, targets) {
        let pairs = zip(wanted, said).filter { $0.0 >= 0 }
        truth += pairs.map(\.0)
        answers += pairs.map(\.1)
        if batch.isTagged { spans.add(wanted: pairs.map { words[$0.0] }, said: pairs.map { words[$0.1] }) }
      }
    }
    loss = counted == 0 ? 0 : total / Double(counted)
    self.accuracy = accuracy.overall
    firstAccuracy = accuracy.first
    self.counted = counted
    guard !words.isEmpty, counted > 0 else { return }
    if SpanScores.isOf(words) { self.spans = spans }
    classification = Classification(labels: words, truth: truth, predicted: answers)
  }
}

extension Tensor {
  /// The most probable class of each row of logits, or of probabilities.
  public var mostProbable: [Int] {
    let n = width
    return read { x in
      (0..<(n == 0 ? 0 : count / n)).map { row in
        let at = x + row * n
        var best = 0
        for i in 1..<max(n, 1) where at[i] > at[best] { best = i }
        return best
      }
    }
  }

  /// The most probable class of each position, [rows][columns].
  fileprivate func largest(_ rows: Int, _ columns: Int) -> [[Int]] {
    let all = mostProbable
    return (0..<rows).map { Array(all[$0 * columns..<($0 + 1) * columns]) }
  }
}
