/// Letters as people see them, as ranges of bytes.
enum Graphemes {
  /// The graphemes of a text, in order.
  static func of(_ bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
    var out: [Range<Int>] = []
    out.reserveCapacity(bytes.count)
    var i = 0
    while i < bytes.count {
      // Two ASCII characters are never one grapheme, but for a carriage return and a line feed.
      if bytes[i] < 0x80, bytes[i] != 13, i + 1 == bytes.count || bytes[i + 1] < 0x80 {
        out.append(i..<i + 1)
        i += 1
        continue
      }
      var end = i + 1
      while end < bytes.count, !(bytes[end - 1] < 0x80 && bytes[end] < 0x80 && bytes[end - 1] != 13) {
        end += 1
      }
      for letter in String(decoding: bytes[i..<end], as: UTF8.self) {
        let count = letter.utf8.count
        guard i + count <= end else { break }
        out.append(i..<i + count)
        i += count
      }
      i = max(i, end)
    }
    return out
  }
}
