import FileSystem
import Options

/// Reads a GGUF file's header front to back; no step goes past the end.
struct GGUFCursor {
  private let bytes: UnsafeRawBufferPointer
  private let path: String
  private(set) var at = 0

  init(_ bytes: UnsafeRawBufferPointer, path: String) { (self.bytes, self.path) = (bytes, path) }

  /// Bytes that are left.
  var left: Int { bytes.count - at }

  /// A number of the machine's form, little-endian.
  mutating func number<N: FixedWidthInteger>(_: N.Type = N.self) throws -> N {
    let size = MemoryLayout<N>.size
    guard left >= size else { throw cut }
    defer { at += size }
    return N(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: N.self))
  }

  /// A count of things that take at least so many bytes each, so that it cannot be more than there is room for.
  mutating func count(_ what: String, each least: Int) throws -> Int {
    let n = try number(UInt64.self)
    guard n <= UInt64(left / least) else { throw wrong("it would have \(n) \(what), but ends before") }
    return Int(n)
  }

  /// A text.
  mutating func text() throws -> String {
    let count = try count("bytes of text", each: 1)
    defer { at += count }
    guard let text = String(validating: bytes[at..<at + count], as: UTF8.self) else {
      throw wrong("a text at byte \(at) is not UTF-8")
    }
    return text
  }

  /// A value of a kind, by the format's number.
  mutating func value(_ kind: UInt32) throws -> GGUFValue {
    switch kind {
    case 0...5, 10, 11: return .integer(try integer(kind))
    case 6: return .number(Double(Float(bitPattern: try number())))
    case 7: return .bool(try number(UInt8.self) != 0)
    case 8: return .text(try text())
    case 9: return try list()
    case 12: return .number(Double(bitPattern: try number()))
    default: throw wrong("a value has the unknown kind \(kind)")
    }
  }

  private mutating func integer(_ kind: UInt32) throws -> Int {
    switch kind {
    case 0: return Int(try number(UInt8.self))
    case 1: return Int(try number(Int8.self))
    case 2: return Int(try number(UInt16.self))
    case 3: return Int(try number(Int16.self))
    case 4: return Int(try number(UInt32.self))
    case 5: return Int(try number(Int32.self))
    case 10: return Int(clamping: try number(UInt64.self))
    default: return Int(try number(Int64.self))
    }
  }

  private mutating func list() throws -> GGUFValue {
    let kind = try number(UInt32.self)
    switch kind {
    case 0...5, 10, 11:
      let count = try count("numbers", each: [1, 1, 2, 2, 4, 4, 0, 0, 0, 0, 8, 8][Int(kind)])
      return .integers(try (0..<count).map { _ in try integer(kind) })
    case 7:
      let count = try count("switches", each: 1)
      return .integers(try (0..<count).map { _ in Int(try number(UInt8.self)) })
    case 6, 12:
      let count = try count("numbers", each: kind == 6 ? 4 : 8)
      return .numbers(
        try (0..<count).map { _ in
          kind == 6 ? Float(bitPattern: try number()) : Float(Double(bitPattern: try number()))
        })
    case 8:
      let count = try count("texts", each: 8)
      return .texts(try (0..<count).map { _ in try text() })
    default: throw wrong("a list holds the unknown kind \(kind)")
    }
  }

  var cut: Failure { wrong("it is cut short at byte \(bytes.count)") }

  func wrong(_ what: String) -> Failure { GGUF.wrong(what, path) }
}
