import Options

extension JSON {
  /// How a document is written.
  public struct Style: Sendable, Equatable {
    /// Spaces for each level; 0 writes everything on one line without spaces.
    public var indent: Int
    /// Whether keys are sorted (by code points, as Python does) or stay in their order.
    public var sortsKeys: Bool
    /// Whether characters beyond ASCII are written as `\uXXXX`, as Python does.
    public var isASCII: Bool
    /// Whether what a terminal or a reader of lines would obey (delete, C1, line separators) is escaped too.
    public var escapesControls: Bool

    /// A style from its parts.
    public init(
      indent: Int = 0, sortsKeys: Bool = false, isASCII: Bool = false, escapesControls: Bool = false
    ) {
      self.indent = indent
      self.sortsKeys = sortsKeys
      self.isASCII = isASCII
      self.escapesControls = escapesControls
    }

    /// One line, keys in their order: as in safetensors' headers.
    public static let compact = Style()
    /// One line that stays one line wherever it is shown.
    public static let line = Style(escapesControls: true)
    /// Two spaces a level, keys in their order.
    public static let pretty = Style(indent: 2)
    /// The bytes that `peft` and `transformers` write: two spaces a level, sorted keys, ASCII.
    public static let huggingFace = Style(indent: 2, sortsKeys: true, isASCII: true)
  }

  /// The document as text; throws where a number is not finite, because JSON has none such.
  public func text(_ style: Style = .compact) throws -> String {
    var writer = JSONWriter(style: style)
    writer.write(self, level: 0)
    if let x = writer.notFinite {
      throw Failure("\(x) cannot be written as JSON.", cure: "Write null or a finite number.")
    }
    return String(decoding: writer.out, as: UTF8.self)
  }
}

extension JSON {
  /// A text in JSON's quotes.
  public static func quoted(_ text: String) -> String {
    var writer = JSONWriter(style: .compact)
    writer.write(.string(text), level: 0)
    return String(decoding: writer.out, as: UTF8.self)
  }
}

extension JSON: CustomStringConvertible {
  /// The document on one line, for showing: numbers that JSON lacks stand there as the texts `nan`, `inf`,
  /// `-inf`.
  public var description: String {
    var writer = JSONWriter(style: .line)
    writer.write(self, level: 0)
    return String(decoding: writer.out, as: UTF8.self)
  }
}

/// Writes a value as bytes.
struct JSONWriter {
  let style: JSON.Style
  var out: [UInt8] = []
  /// A number that JSON lacks, where one was met; it was written as a text.
  private(set) var notFinite: Double?

  init(style: JSON.Style) { self.style = style }

  mutating func write(_ value: JSON, level: Int) {
    switch value {
    case .null: put("null")
    case .bool(let value): put(value ? "true" : "false")
    case .integer(let n): put(String(n))
    case .number(let x) where !x.isFinite:
      notFinite = x
      quote(x.isNaN ? "nan" : "\(x)")
    case .number(let x): put("\(x)")
    case .string(let text): quote(text)
    case .array(let values):
      list("[", "]", values, level) { writer, value in writer.write(value, level: level + 1) }
    case .object(let object):
      var members = object.members
      if style.sortsKeys { members.sort { ExactText.precedes($0.key, $1.key) } }
      list("{", "}", members, level) { writer, member in
        writer.quote(member.key)
        writer.put(writer.style.indent > 0 ? ": " : ":")
        writer.write(member.value, level: level + 1)
      }
    }
  }

  private mutating func list<Item>(
    _ open: String, _ close: String, _ items: [Item], _ level: Int,
    _ each: (inout JSONWriter, Item) -> Void
  ) {
    put(open)
    for (i, item) in items.enumerated() {
      if i > 0 { put(",") }
      newLine(level + 1)
      each(&self, item)
    }
    if !items.isEmpty { newLine(level) }
    put(close)
  }

  private mutating func newLine(_ level: Int) {
    guard style.indent > 0 else { return }
    out.append(0x0a)
    out.append(contentsOf: repeatElement(0x20, count: level * style.indent))
  }

  private mutating func put(_ text: String) { out.append(contentsOf: text.utf8) }

  private mutating func quote(_ text: String) {
    put("\"")
    for scalar in text.unicodeScalars {
      switch scalar.value {
      case 0x22: put("\\\"")
      case 0x5c: put("\\\\")
      case 0x08: put("\\b")
      case 0x0c: put("\\f")
      case 0x0a: put("\\n")
      case 0x0d: put("\\r")
      case 0x09: put("\\t")
      case 0..<0x20: escape(UInt16(scalar.value))
      case 0x20..<0x7f: out.append(UInt8(scalar.value))
      case 0x7f...0x9f where style.escapesControls, 0x2028...0x2029 where style.escapesControls:
        escape(UInt16(scalar.value))
      default:
        if style.isASCII { scalar.utf16.forEach { escape($0) } } else { put(String(scalar)) }
      }
    }
    put("\"")
  }

  private mutating func escape(_ unit: UInt16) {
    let digits = String(unit, radix: 16)
    put("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits)
  }
}
