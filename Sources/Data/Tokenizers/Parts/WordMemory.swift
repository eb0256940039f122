import Synchronization

/// The ids of words that came before, so that the work on repeated words is done once.
///
/// It is full after so many bytes or words and then only read: a text of chance cannot fill the memory.
final class WordMemory: Sendable {
  struct State: ~Copyable {
    var table = ByteTable(capacity: 4096)
    var ids: [Int32] = []
    var starts: [Int] = [0]
    var work = EncodingWork()
  }
  private let state = Mutex(State())
  /// Longer words are seldom met twice.
  private static let longest = 64
  private static let mostBytes = 4 << 20

  /// Encodes pieces, taking what is known from the memory.
  func encode(_ pieces: Pieces, _ model: any TokenModel, _ out: inout [Int32]) throws {
    try state.withLock { state in
      try pieces.bytes.withUnsafeBufferPointer { bytes in
        guard let base = bytes.baseAddress else { return }
        for piece in pieces.cuts {
          let isShort = piece.count <= Self.longest
          if isShort, let word = state.table.find(base + piece.lowerBound, piece.count) {
            let first = state.starts[Int(word)], last = state.starts[Int(word) + 1]
            if last - first == 1 { out.append(state.ids[first]) } else { out += state.ids[first..<last] }
            continue
          }
          let start = out.count
          try model.encode(bytes, piece, &state.work, &out)
          if isShort, state.table.keyBytes < Self.mostBytes {
            state.table.set(base + piece.lowerBound, piece.count, Int32(state.table.count))
            state.ids += out[start...]
            state.starts.append(state.ids.count)
          }
        }
      }
    }
  }
}
