import Data
import Engine
import Networks

/// The loss of a language model on a batch: the mean of −log p(target) over the targets that count.
public struct LanguageLoss {
  /// The mean in nats.
  public let loss: Tensor
  /// −log p(target) of each counted target, in the order of `places`.
  public let each: [Float]
  /// Row and column (of the batch) of each counted target.
  public let places: [(row: Int, column: Int)]

  /// Runs the model on a batch. Positions that a method added carry no loss.
  ///
  /// Where the head is plain, its product and the cross-entropy run as one op over the rows that count, and the
  /// logits are never held as a whole.
  public init(_ model: Model, _ batch: Batch, _ pass: Pass) throws {
    let (states, targets, places) = try model.targetStates(batch, pass)
    let result: CrossEntropyResult
    if let weight = model.network.head.weight, model.network.head.bias == nil,
      model.network.head.isPlain(pass)
    {
      pass.place = model.network.head.name
      result = try states.linearCrossEntropy(
        pass.read(weight), targets.map { Int32($0) }, compute: pass.compute)
    } else {
      result = try model.network.logits(states, pass).crossEntropy(targets.map { Int32($0) })
    }
    loss = result.loss
    each = result.rows.scalars
    self.places = places
  }
}

extension Model {
  /// The last states of the positions that are to say a target, [targets, width], the targets, and where in the batch
  /// each stands.
  func targetStates(
    _ batch: Batch, _ pass: Pass
  ) throws -> (states: Tensor, targets: [Int], places: [(row: Int, column: Int)]) {
    pass.documents = batch.documents
    let hidden = try network.hidden(Input(batch), pass)
    let time = hidden.states.shape[1], width = hidden.states.width
    var targets: [Int] = [], rows: [Int] = [], places: [(row: Int, column: Int)] = []
    for row in 0..<batch.rows {
      let wanted = batch.targets[row]
      for (column, place) in hidden.nextPlaces(row) where wanted[column] >= 0 {
        targets.append(wanted[column])
        rows.append(row * time + place)
        places.append((row, column))
      }
    }
    let states = try hidden.states.reshaped([batch.rows * time, width])
    return (rows.count < batch.rows * time ? try states.gather(rows) : states, targets, places)
  }
}
