/// Scalars read from UTF-8 that may be broken: a byte that begins no scalar counts as U+FFFD, one byte long.
enum UTF8Walk {
  /// The scalar that begins at `i`, and its length; nothing at or after `end` is read.
  @inline(__always)
  static func scalar(_ bytes: UnsafeBufferPointer<UInt8>, _ i: Int, _ end: Int) -> (
    value: UInt32, length: Int
  ) {
    let first = bytes[i]
    if first < 0x80 { return (UInt32(first), 1) }
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
    guard first >= 0xC2, first <= 0xF4, i + length <= end else { return (0xFFFD, 1) }
    var value = UInt32(first) & (0x7F >> UInt32(length))
    for k in 1..<length {
      guard bytes[i + k] & 0xC0 == 0x80 else { return (0xFFFD, 1) }
      value = value << 6 | UInt32(bytes[i + k] & 0x3F)
    }
    guard Unicode.Scalar(value) != nil else { return (0xFFFD, 1) }
    return (value, length)
  }

  /// Where the scalar that ends before `i` begins; `start` is the least place.
  @inline(__always)
  static func before(_ bytes: UnsafeBufferPointer<UInt8>, _ i: Int, _ start: Int) -> Int {
    var k = i - 1
    while k > start, i - k < 4, bytes[k] & 0xC0 == 0x80 { k -= 1 }
    return max(k, start)
  }

  /// Adds a scalar's bytes; what is no scalar adds U+FFFD.
  @inline(__always)
  static func append(_ value: UInt32, to out: inout [UInt8]) {
    switch value {
    case 0..<0x80: out.append(UInt8(value))
    case 0x80..<0x800:
      out.append(UInt8(0xC0 | value >> 6))
      out.append(UInt8(0x80 | value & 0x3F))
    case 0xD800..<0xE000, 0x110000...: out += [0xEF, 0xBF, 0xBD]
    case 0x800..<0x10000:
      out.append(UInt8(0xE0 | value >> 12))
      out.append(UInt8(0x80 | value >> 6 & 0x3F))
      out.append(UInt8(0x80 | value & 0x3F))
    default:
      out.append(UInt8(0xF0 | value >> 18))
      out.append(UInt8(0x80 | value >> 12 & 0x3F))
      out.append(UInt8(0x80 | value >> 6 & 0x3F))
      out.append(UInt8(0x80 | value & 0x3F))
    }
  }

  /// Each scalar turned into others by a closure that appends them.
  static func map(_ text: [UInt8], _ change: (UInt32, inout [UInt8]) -> Void) -> [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(text.count + 8)
    text.withUnsafeBufferPointer { bytes in
      var i = 0
      while i < bytes.count {
        let (value, length) = scalar(bytes, i, bytes.count)
        change(value, &out)
        i += length
      }
    }
    return out
  }
}
