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

  /// From its figures.
  public init(
    loss: Double, accuracy: Double, firstAccuracy: Double, counted: Int, classification: Classification? = nil
  ) {
    (self.loss, self.accuracy, self.firstAccuracy) = (loss, accuracy, firstAccuracy)
    (self.counted, self.classification) = (counted, classification)
  }

  /// Runs a model over batches; with `isBase`, without what is attached. An interrupt, raised once, ends it with
  /// `EngineError.interrupted`.
  public init(_ model: Model, _ batches: [Batch], isBase: Bool = false, interrupt: Interrupt? = nil) throws {
    var total = 0.0, counted = 0, accuracy = NextTokenAccuracy()
    for batch in batches {
      if interrupt?.isRaised == true { throw EngineError.interrupted }
      let pass = Pass(isBase: isBase, interrupt: interrupt)
      let logits = try model.logits(Input(batch), pass)
      let targets = batch.targets.flatMap { $0.map { Int32($0) } }
      let result = try logits.reshaped([batch.rows * batch.columns, logits.width]).crossEntropy(targets)
      total += Double(result.loss.item) * Double(result.counted)
      counted += result.counted
      accuracy.add(predictions: logits.largest(batch.rows, batch.columns), targets: batch.targets)
    }
    loss = counted == 0 ? 0 : total / Double(counted)
    self.accuracy = accuracy.overall
    firstAccuracy = accuracy.first
    self.counted = counted
  }
}

extension Tensor {
  /// The most probable class of each position, [rows][columns].
  fileprivate func largest(_ rows: Int, _ columns: Int) -> [[Int]] {
    let n = width
    return read { x in
      (0..<rows).map { row in
        (0..<columns).map { column in
          let at = x + (row * columns + column) * n
          var best = 0
          for i in 1..<max(n, 1) where at[i] > at[best] { best = i }
          return best
        }
      }
    }
  }
}
