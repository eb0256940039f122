import Options

/// Reads the wire form of protocol buffers: fields by number, nothing trusted.
///
/// The bytes are only lent, so that a mapped file of any size is read where it lies; long fields are stepped over.
public struct Protobuf {
  /// The value of a field.
  public enum Value {
    /// A whole number of any length.
    case number(UInt64)
    /// Where a text, a message or packed numbers lie.
    case bytes(Range<Int>)
    /// Four bytes.
    case word32(UInt32)
    /// Eight bytes.
    case word64(UInt64)
  }

  private let bytes: UnsafeRawBufferPointer
  private var at: Int
  private let end: Int

  /// The message that lies in a range, as far as that lies inside the bytes.
  public init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>? = nil) {
    let whole = 0..<bytes.count, range = range?.clamped(to: whole) ?? whole
    (self.bytes, at, end) = (bytes, range.lowerBound, range.upperBound)
  }

  /// The next field, or nil at the end; throws where the bytes are no message.
  public mutating func next() throws -> (field: Int, value: Value)? {
    guard at < end else { return nil }
    let key = try number()
    guard key >> 3 > 0, key >> 3 < 1 << 29 else { throw wrong("a field has the number \(key >> 3)") }
    let field = Int(key >> 3)
    switch key & 7 {
    case 0: return (field, .number(try number()))
    case 1: return (field, .word64(try fixed(8)))
    case 5: return (field, .word32(UInt32(truncatingIfNeeded: try fixed(4))))
    case 2:
      let count = try number()
      guard count <= UInt64(end - at) else { throw wrong("a field of \(count) bytes goes past the end") }
      defer { at += Int(count) }
      return (field, .bytes(at..<at + Int(count)))
    default: throw wrong("a field has the unknown form \(key & 7)")
    }
  }

  /// Whether there is nothing left.
  public var isAtEnd: Bool { at >= end }

  /// The next number of a packed list.
  public mutating func number() throws -> UInt64 {
    var value: UInt64 = 0, shift: UInt64 = 0
    while at < end, shift < 64 {
      let byte = bytes[at]
      at += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
    throw wrong("a number does not end")
  }

  private mutating func fixed(_ count: Int) throws -> UInt64 {
    guard end - at >= count else { throw wrong("it is cut short") }
    defer { at += count }
    return (0..<count).reduce(0) { $0 | UInt64(bytes[at + $1]) << UInt64(8 * $1) }
  }

  private func wrong(_ why: String) -> Failure { Failure("at byte \(at): \(why)") }
}
