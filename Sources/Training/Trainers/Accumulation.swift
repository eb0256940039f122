import Data
import Engine

/// What the earlier batches of a step leave for the last one, where several make a step: gradients are averaged with
/// each batch counting by its answers, so that the step is the one of all rows in a single batch.
///
///     g = Σᵢ nᵢ·gᵢ / Σᵢ nᵢ        nᵢ: answers of batch i that carry loss
struct Earlier {
  /// The batches, in order.
  private(set) var batches: [Batch] = []
  private var gradients: Gradients?
  private var answers = 0
  private var sum = 0.0

  /// Takes a batch with its loss and gradients.
  mutating func add(_ batch: Batch, _ loss: Loss, _ new: Gradients) throws {
    gradients = try mean(with: new, of: loss)
    (sum, answers) = (total(with: loss), answers + loss.each.count)
    batches.append(batch)
  }

  /// The mean gradients with those of one more batch.
  func mean(with new: Gradients, of loss: Loss) throws -> Gradients {
    guard let gradients, answers > 0 else { return new }
    let n = loss.each.count
    return n == 0 ? gradients : try gradients.mixed(with: new, share: Float(n) / Float(answers + n))
  }

  /// The mean loss with that of one more batch.
  func mean(with loss: Loss) -> Float {
    batches.isEmpty ? loss.loss.item : Float(total(with: loss) / Double(max(1, answers + loss.each.count)))
  }

  private func total(with loss: Loss) -> Double {
    sum + (loss.each.isEmpty ? 0 : Double(loss.loss.item) * Double(loss.each.count))
  }
}
