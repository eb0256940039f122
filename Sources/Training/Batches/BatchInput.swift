import Data
import Engine
import Networks

extension Input {
  /// A batch as a model reads it: a mask only where something is filled up, positions only where the batch has
  /// starts of its own.
  public init(_ batch: Batch) {
    if let pictures = batch.pictures {
      let shape = [pictures.count, pictures.channels, pictures.height, pictures.width]
      self.init([])
      pixels = try? Tensor(shape, pictures.values)  // pictures hold as many numbers as their sizes say
      return
    }
    let isFilled = batch.keep.contains { $0.contains(0) }
    self.init(
      batch.ids, mask: isFilled ? batch.keep.map { $0.map(UInt8.init) } : nil,
      positions: batch.starts == nil ? nil : batch.positions, types: batch.types)
    decoderIDs = batch.written?.ids
    slots = batch.slots
    features = batch.features.flatMap { try? Tensor([batch.rows, $0.tokens, $0.width], $0.values) }
  }
}
