/// Bytes written in letters, six bits each (RFC 4648).
enum Base64 {
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
  private static let values: [UInt8] = {
    var table = [UInt8](repeating: 255, count: 256)
    for (i, letter) in alphabet.enumerated() { table[Int(letter)] = UInt8(i) }
    return table
  }()

  /// The bytes of a text; nil where a letter is none of the alphabet.
  static func bytes(_ text: String) -> [UInt8]? {
    var out: [UInt8] = [], bits: UInt32 = 0, count = 0
    out.reserveCapacity(text.utf8.count / 4 * 3)
    for letter in text.utf8 where letter != UInt8(ascii: "=") {
      let value = values[Int(letter)]
      guard value < 64 else { return nil }
      bits = bits << 6 | UInt32(value)
      count += 6
      if count >= 8 {
        count -= 8
        out.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
      }
    }
    return out
  }

  /// The text of bytes.
  static func text(_ bytes: [UInt8]) -> String {
    var out: [UInt8] = []
    out.reserveCapacity(bytes.count / 3 * 4 + 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let part = bytes[start..<min(start + 3, bytes.count)]
      var bits: UInt32 = 0
      for (i, byte) in part.enumerated() { bits |= UInt32(byte) << UInt32(16 - 8 * i) }
      for i in 0..<4 {
        out.append(i <= part.count ? alphabet[Int(bits >> UInt32(18 - 6 * i) & 63)] : UInt8(ascii: "="))
      }
    }
    return String(decoding: out, as: UTF8.self)
  }
}
