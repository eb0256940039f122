import FileSystem
import Options

/// SentencePiece's table of replacements: a trie in two arrays, and the replacements one after another.
///
/// Read as Hugging Face's library reads it: a grapheme of fewer than six bytes is looked up as a whole, else each of
/// its scalars; of the entries that begin it, the shortest counts.
struct PrecompiledNormalizer: Normalizer {
  static let type = "Precompiled"
  private let units: [UInt32]
  private let replacements: [UInt8]

  init(_ part: JSONPlace) throws {
    let place = part["precompiled_charsmap"]
    guard let text = place.text, let bytes = Base64.bytes(text) else {
      throw place.failure("a text in base 64")
    }
    try self.init(bytes, place: place.place)
  }

  /// A table from its bytes; `place` is what errors call it.
  init(_ bytes: [UInt8], place: String) throws {
    func wrong(_ why: String) -> Failure {
      Failure("\(place) is damaged: \(why).", cure: "Fetch the tokenizer again.")
    }
    guard bytes.count >= 4 else { throw wrong("it has \(bytes.count) bytes") }
    func word(_ i: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(bytes[i + $1]) << UInt32(8 * $1) } }
    let size = Int(word(0))
    guard size % 4 == 0, size <= bytes.count - 4 else { throw wrong("its trie would have \(size) bytes") }
    units = stride(from: 4, to: 4 + size, by: 4).map(word)
    replacements = Array(bytes[(4 + size)...])
  }

  func normalize(_ text: [UInt8]) -> [UInt8] {
    if units.isEmpty { return text }
    var out: [UInt8] = []
    out.reserveCapacity(text.count + 8)
    text.withUnsafeBufferPointer { bytes in
      for grapheme in Graphemes.of(bytes) {
        if grapheme.count < 6, let found = replacement(bytes, grapheme) {
          out += found
          continue
        }
        var i = grapheme.lowerBound
        while i < grapheme.upperBound {
          let length = UTF8Walk.scalar(bytes, i, grapheme.upperBound).length
          let part = i..<i + length
          if let found = replacement(bytes, part) { out += found } else { out += bytes[part] }
          i += length
        }
      }
    }
    return out
  }

  /// What stands in for a part, by the shortest entry that begins it.
  private func replacement(_ bytes: UnsafeBufferPointer<UInt8>, _ part: Range<Int>) -> ArraySlice<UInt8>? {
    guard let root = units.first else { return nil }
    var place = Self.offset(root)
    for i in part {
      let byte = UInt32(bytes[i])
      if byte == 0 { return nil }
      place ^= Int(byte)
      guard units.indices.contains(place), units[place] & 0x8000_00FF == byte else { return nil }
      let unit = units[place]
      place ^= Self.offset(unit)
      if unit >> 8 & 1 == 1 {
        guard units.indices.contains(place) else { return nil }
        let start = Int(units[place] & 0x7FFF_FFFF)
        guard start <= replacements.count else { return nil }
        return replacements[start...].prefix { $0 != 0 }
      }
    }
    return nil
  }

  private static func offset(_ unit: UInt32) -> Int { Int((unit >> 10) << ((unit & 1 << 9) >> 6)) }
}
