import Options

extension JSON {
  /// How deep arrays and objects may lie in one another.
  public static let depthLimit = 128

  /// Reads one JSON document, strictly: UTF-8, no key twice in an object, no comments, nothing after its end.
  ///
  /// The name is what errors call it; they give line and column (in characters, from 1). A document within
  /// a file says on which line it begins.
  public static func parse(
    _ bytes: UnsafeBufferPointer<UInt8>, name: String, line: Int = 1
  ) throws -> JSON {
    var parser = JSONParser(bytes: bytes, name: name, firstLine: line)
    return try parser.document()
  }

  /// Reads one JSON document from an array of bytes.
  public static func parse(_ bytes: [UInt8], name: String, line: Int = 1) throws -> JSON {
    try bytes.withUnsafeBufferPointer { try parse($0, name: name, line: line) }
  }

  /// Reads one JSON document from a text.
  public static func parse(_ text: String, name: String) throws -> JSON {
    try parse(Array(text.utf8), name: name)
  }

  /// Reads one JSON document from a file.
  public static func read(_ path: String, files: any Files) throws -> JSON {
    try files.bytes(of: path).withBytes { try parse($0.bindMemory(to: UInt8.self), name: path) }
  }
}

/// Reads a document by recursive descent over its bytes.
struct JSONParser {
  let bytes: UnsafeBufferPointer<UInt8>
  let name: String
  let firstLine: Int
  var at = 0
  private var depth = 0

  init(bytes: UnsafeBufferPointer<UInt8>, name: String, firstLine: Int) {
    self.bytes = bytes
    self.name = name
    self.firstLine = firstLine
  }

  mutating func document() throws -> JSON {
    if bytes.count >= 3, bytes[0] == 0xef, bytes[1] == 0xbb, bytes[2] == 0xbf {
      throw wrong(
        "it begins with a byte order mark, which JSON forbids", cure: "Save it as UTF-8 without the mark.")
    }
    if let place = UTF8Check.firstError(in: bytes) {
      at = place
      throw wrong("this is not UTF-8", cure: "Save it as UTF-8.")
    }
    let value = try value()
    skipSpace()
    if at < bytes.count { throw wrong("the document has ended, but \(here) follows") }
    return value
  }

  private mutating func value() throws -> JSON {
    skipSpace()
    guard at < bytes.count else { throw wrong("the document ends where a value should be") }
    switch bytes[at] {
    case UInt8(ascii: "{"): return try object()
    case UInt8(ascii: "["): return try array()
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    case UInt8(ascii: "N"), UInt8(ascii: "I"):
      throw wrong("NaN and Infinity are not JSON", cure: "Write null or a finite number there.")
    default: throw wrong("a value should be here, not \(here)")
    }
  }

  private mutating func object() throws -> JSON {
    try enter()
    var object = JSON.Object()
    if take("}") { return leave(.object(object)) }
    repeat {
      skipSpace()
      let place = at
      guard at < bytes.count, bytes[at] == UInt8(ascii: "\"") else {
        throw wrong("a key in double quotes should be here, not \(here)")
      }
      let key = try string()
      guard take(":") else { throw wrong("a colon should follow the key \(shown(key)), not \(here)") }
      if !object.add(key, try value()) {
        at = place
        throw wrong("the key \(shown(key)) stands twice in one object", cure: "Keep one of them.")
      }
    } while take(",")
    guard take("}") else { throw wrong("a comma or } should be here, not \(here)") }
    return leave(.object(object))
  }

  private mutating func array() throws -> JSON {
    try enter()
    var values: [JSON] = []
    if take("]") { return leave(.array(values)) }
    repeat { values.append(try value()) } while take(",")
    guard take("]") else { throw wrong("a comma or ] should be here, not \(here)") }
    return leave(.array(values))
  }

  private mutating func enter() throws {
    depth += 1
    if depth > JSON.depthLimit {
      throw wrong("more than \(JSON.depthLimit) lists and objects lie in one another")
    }
    at += 1
  }

  private mutating func leave(_ value: JSON) -> JSON {
    depth -= 1
    return value
  }

  private mutating func word(_ text: StaticString, _ value: JSON) throws -> JSON {
    let count = text.utf8CodeUnitCount
    guard at + count <= bytes.count, (0..<count).allSatisfy({ bytes[at + $0] == text.utf8Start[$0] }) else {
      throw wrong("a value should be here: true, false, null, a number, a text, a list or an object")
    }
    at += count
    return value
  }

  /// Skips space; takes the character if it comes next.
  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard at < bytes.count, bytes[at] == UInt8(ascii: character) else { return false }
    at += 1
    return true
  }

  private mutating func skipSpace() {
    while at < bytes.count {
      let byte = bytes[at]
      guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return }
      at += 1
    }
  }
}

extension JSONParser {
  /// What stands at the place, for messages.
  var here: String {
    guard at < bytes.count else { return "the end" }
    let rest = String(decoding: bytes[at..<min(at + 4, bytes.count)], as: UTF8.self)
    return shown(rest.unicodeScalars.first.map { String($0) } ?? "")
  }

  /// The error at the present place.
  func wrong(_ what: String, cure: String = "") -> Failure {
    var line = firstLine, column = 1
    for byte in bytes[..<min(at, bytes.count)] {
      if byte == 0x0a {
        line += 1
        column = 1
      } else if byte & 0xc0 != 0x80 {
        column += 1
      }
    }
    return Failure("\(shown(name)), line \(line), column \(column): \(what).", cure: cure)
  }
}
