import Engine
import Networks
import Options
import Training

/// A model run on a parity folder's batch as transformers runs it: positions counted from the left edge, padding
/// included; added positions stand in the logits; the loss compares each position's logits with the next label, those
/// of a decoder of its own with the label there, or each row's with its class.
struct ParityForward {
  let model: Model
  let batch: ParityBatch
  /// Pictures [rows, channels, height, width], for a model that reads them.
  let pixels: Tensor?

  /// What a run gave.
  struct Result {
    /// [rows, added + columns, vocabulary], or [rows, classes].
    let logits: Tensor
    /// The mean of −log p(label) over the labels that count.
    let loss: Tensor
    /// The rows of the logits, counted through the batch, that are compared; nil: all. A place that sees no token
    /// at all (padding on the left) has logits that mean nothing, and libraries differ there.
    let compared: [Int]?
  }

  /// Runs it; throws what the model cannot read.
  func callAsFunction(_ tape: Tape? = nil) throws -> Result {
    let pass = Pass(tape: tape), network = model.network
    let hidden = try network.hidden(input(), pass)
    guard network.answers == .positions else {
      let logits = try network.logits(network.summary(hidden, pass), pass)
      return Result(logits: logits, loss: try logits.crossEntropy(classes()).loss, compared: nil)
    }
    let logits = try network.logits(hidden.states, pass)
    if network.start != nil {
      let targets = try answers().flatMap { $0.map { Int32($0) } }
      let flat = try logits.reshaped([targets.count, logits.width])
      return Result(logits: logits, loss: try flat.crossEntropy(targets).loss, compared: nil)
    }
    let targets = zip(batch.labels, hidden.columns).flatMap { row, columns -> [Int32] in
      // Added positions have the label −100; the last of them foretells the first token.
      let labels = columns.map { $0 >= 0 ? Int32(row[$0]) : -100 }
      return labels.dropFirst() + [-100]
    }
    let flat = try logits.reshaped([targets.count, logits.width])
    return Result(
      logits: logits, loss: try flat.crossEntropy(targets).loss, compared: seeing(hidden.columns))
  }

  private func input() throws -> Input {
    guard model.network.reads == .tokens else {
      guard let pixels else {
        throw Failure("this model reads pictures, and base/expected.safetensors has no pixel_values.")
      }
      return Input(pixels: pixels)
    }
    let columns = Array(batch.ids[0].indices)
    var input = Input(batch.ids, mask: batch.mask, positions: batch.ids.map { _ in columns })
    input.isReadFromFirst = true
    guard let start = model.network.start else { return input }
    // Labels shifted by one to the right, with padding where a label does not count.
    let pad = model.size("pad_token_id") ?? 0
    input.decoderIDs = try answers().map { row in [start] + row.dropLast().map { $0 == -100 ? pad : $0 } }
    return input
  }

  private func answers() throws -> [[Int]] {
    guard let answers = batch.answers else {
      throw Failure("this model writes answers, and index.json has no labels_seq2seq.")
    }
    return answers
  }

  private func classes() throws -> [Int32] {
    guard let classes = batch.classes, classes.count == batch.ids.count else {
      throw Failure("this model answers with classes, and index.json has no labels_cls for each row.")
    }
    return classes
  }

  /// The places that see a token or an added position, by their number in the batch; nil: all do.
  private func seeing(_ columns: [[Int]]) -> [Int]? {
    let time = columns[0].count
    let found = columns.indices.flatMap { row -> [Int] in
      let first = columns[row].firstIndex { $0 < 0 || batch.mask[row][$0] == 1 } ?? time
      return (first..<time).map { row * time + $0 }
    }
    return found.count == columns.count * time ? nil : found
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
