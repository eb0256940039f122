import Options

/// Bytes as text, if they are UTF-8, strictly: no overlong forms, no surrogates, nothing above U+10FFFF.
public enum UTF8Check {
  /// Bytes as text; throws with the line of the first byte that is wrong. `name` is what the error calls them.
  public static func text(_ bytes: UnsafeBufferPointer<UInt8>, of name: String) throws -> String {
    guard let wrong = firstError(in: bytes) else { return String(decoding: bytes, as: UTF8.self) }
    let line = 1 + bytes[..<wrong].reduce(0) { $0 + ($1 == 0x0a ? 1 : 0) }
    throw Failure(
      "\(name): line \(line) is not UTF-8 (byte \(wrong)).",
      cure: "Convert it first, for example: iconv -f latin1 -t utf-8 FILE > NEW")
  }

  /// A file's bytes as text, without the byte order mark that some editors put first.
  public static func text(_ bytes: [UInt8], of name: String) throws -> String {
    let all = try bytes.withUnsafeBufferPointer { try text($0, of: name) }
    return bytes.starts(with: [0xef, 0xbb, 0xbf]) ? String(all.unicodeScalars.dropFirst()) : all
  }

  /// The offset of the first byte that is wrong, or nil.
  static func firstError(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    let raw = UnsafeRawBufferPointer(bytes), count = bytes.count
    var i = 0
    while i < count {
      if i + 8 <= count, raw.loadUnaligned(fromByteOffset: i, as: UInt64.self) & 0x8080_8080_8080_8080 == 0 {
        i += 8
        continue
      }
      let length = sequenceLength(bytes, i)
      if length == 0 { return i }
      i += length
    }
    return nil
  }

  /// The length of the well-formed sequence at an offset, or 0.
  private static func sequenceLength(_ bytes: UnsafeBufferPointer<UInt8>, _ i: Int) -> Int {
    let first = bytes[i]
    if first < 0x80 { return 1 }
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xbf  // what the second byte may be (Unicode, table 3-7)
    switch first {
    case 0xc2...0xdf: length = 2
    case 0xe0: (length, second) = (3, 0xa0...0xbf)
    case 0xed: (length, second) = (3, 0x80...0x9f)
    case 0xe1...0xef: length = 3
    case 0xf0: (length, second) = (4, 0x90...0xbf)
    case 0xf1...0xf3: length = 4
    case 0xf4: (length, second) = (4, 0x80...0x8f)
    default: return 0
    }
    guard i + length <= bytes.count, second.contains(bytes[i + 1]) else { return 0 }
    for k in 2..<max(length, 2) where bytes[i + k] & 0xc0 != 0x80 { return 0 }
    return length
  }
}
