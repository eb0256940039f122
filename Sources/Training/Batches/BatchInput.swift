import Data
import Networks

extension Input {
  /// A batch as a model reads it: a mask only where something is filled up, positions only where the batch has
  /// starts of its own.
  public init(_ batch: Batch) {
    let isFilled = batch.keep.contains { $0.contains(0) }
    self.init(
      batch.ids, mask: isFilled ? batch.keep.map { $0.map(UInt8.init) } : nil,
      positions: batch.starts == nil ? nil : batch.positions)
    slots = batch.slots
  }
}
