import Data
import Engine
import Networks

/// The loss of a model that answers each row with a class: the mean of −log p(class) over the rows that have one.
public struct ClassLoss {
  /// The mean in nats.
  public let loss: Tensor
  /// −log p(class) of each row that counted, in the order of `rows`.
  public let each: [Float]
  /// The rows of the batch that counted.
  public let rows: [Int]

  /// Runs the model on a batch.
  public init(_ model: Model, _ batch: Batch, _ pass: Pass) throws {
    let classes = batch.choices.map { Int32($0 ?? Example.ignored) }
    let result = try model.logits(Input(batch), pass).crossEntropy(classes)
    rows = classes.indices.filter { classes[$0] >= 0 }
    loss = result.loss
    let all = result.rows.scalars
    each = rows.map { all[$0] }
  }
}
