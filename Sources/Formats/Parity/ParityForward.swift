import Engine
import Networks
import Options
import Training

/// A model run on a parity folder's batch as transformers runs it: positions counted from the left edge, padding
/// included; added positions stand in the logits; the loss compares each position's logits with the next label.
struct ParityForward {
  let model: Model
  let batch: ParityBatch

  /// What a run gave.
  struct Result {
    /// [rows, added + columns, vocabulary]
    let logits: Tensor
    /// The mean of −log p(label) over the labels that count.
    let loss: Tensor
  }

  /// Runs it; throws what the model cannot read.
  func callAsFunction(_ tape: Tape? = nil) throws -> Result {
    let columns = Array(batch.ids[0].indices)
    let input = Input(batch.ids, mask: batch.mask, positions: batch.ids.map { _ in columns })
    let pass = Pass(tape: tape)
    let hidden = try model.network.hidden(input, pass)
    let logits = try model.network.logits(hidden.states, pass)
    let targets = zip(batch.labels, hidden.columns).flatMap { row, columns -> [Int32] in
      // Added positions have the label −100; the last of them foretells the first token.
      let labels = columns.map { $0 >= 0 ? Int32(row[$0]) : -100 }
      return labels.dropFirst() + [-100]
    }
    let flat = try logits.reshaped([targets.count, logits.width])
    return Result(logits: logits, loss: try flat.crossEntropy(targets).loss)
  }

  /// The losses before each of some AdamW steps over all that trains, and after the last.
  ///
  ///     lr 1e-2, β 0.9 and 0.999, ε 1e-8, decay 1e-2; no clipping
  func trace(steps: Int) throws -> [Float] {
    var optimiser = AdamW()
    optimiser.decay = 1e-2
    var losses: [Float] = [], memory: [String: OptimiserMemory] = [:]
    for _ in 0..<steps {
      let tape = Tape(), result = try self(tape)
      losses.append(result.loss.item)
      let gradients = try tape.gradients(of: result.loss)
      for parameter in model.trainable {
        // What the loss does not reach has no gradient in torch, and neither moves nor decays.
        guard let gradient = gradients[parameter.value] else { continue }
        let next = try optimiser.step(
          parameter.value, gradient: gradient, memory: memory[parameter.name], rate: 1e-2, factor: 1)
        (parameter.value, memory[parameter.name]) = (next.value, next.memory)
      }
    }
    return losses + [try self().loss.item]
  }
}
