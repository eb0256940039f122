/// A text that is being cut: its bytes, and the pieces as ranges of them, in order.
struct Pieces {
  /// UTF-8.
  var bytes: [UInt8]
  /// The pieces; what lies between them was taken out.
  var cuts: [Range<Int>]
  /// Whether the bytes begin where the whole input begins, before which no added token stands.
  var begins: Bool

  /// A text as one piece.
  init(_ bytes: [UInt8], begins: Bool) {
    self.bytes = bytes
    self.begins = begins
    cuts = bytes.isEmpty ? [] : [0..<bytes.count]
  }

  /// Cuts every piece further; the closure gets the bytes, a piece, and where to put its parts.
  mutating func cut(
    _ work: (UnsafeBufferPointer<UInt8>, Range<Int>, inout [Range<Int>]) throws -> Void
  ) rethrows {
    var out: [Range<Int>] = []
    out.reserveCapacity(max(cuts.count, bytes.count / 4))
    try bytes.withUnsafeBufferPointer { bytes in
      for cut in cuts { try work(bytes, cut, &out) }
    }
    cuts = out
  }

  /// Rewrites every piece; the closure gets its bytes and whether it begins the input.
  mutating func rewrite(_ work: (ArraySlice<UInt8>, Bool, inout [UInt8]) -> Void) {
    var out: [UInt8] = [], places: [Range<Int>] = []
    out.reserveCapacity(bytes.count + 16)
    for cut in cuts {
      let start = out.count
      work(bytes[cut], begins && cut.lowerBound == 0, &out)
      if out.count > start { places.append(start..<out.count) }
    }
    (bytes, cuts) = (out, places)
  }
}
