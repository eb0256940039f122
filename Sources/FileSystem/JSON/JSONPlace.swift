import Options

/// A JSON value with the way to it, so that an error names the key: `tokenizer.json: model.vocab`.
///
/// Asking for a key or an item that is not there gives a place without a value, which is null.
public struct JSONPlace: Sendable {
  private indirect enum Way: Sendable {
    case document(String)
    case key(Way, String)
    case item(Way, Int)

    var text: String {
      switch self {
      case .document(let name): return name + ":"
      case .key(.document(let name), let key): return "\(name): \(key)"
      case .key(let above, let key): return "\(above.text).\(key)"
      case .item(let above, let i): return "\(above.text)[\(i)]"
      }
    }
  }

  /// The value, or nil where there is none.
  public let value: JSON?
  private let way: Way

  /// The whole of a document; `name` is what errors call it.
  public init(_ value: JSON, of name: String) { self.init(value, .document(name)) }

  /// Reads a document, whose errors name line and column; `line` is the number of its first line.
  public init(parsing bytes: [UInt8], name: String, line: Int = 1) throws {
    do {
      self.init(try JSON.parse(bytes, name: name, line: line), of: name)
    } catch let error as Failure {
      throw Failure("\(name) is not JSON.", cure: error.cure, details: [error.what])
    }
  }

  private init(_ value: JSON?, _ way: Way) {
    self.value = value
    self.way = way
  }

  /// Where this value stands, in words: `tokenizer.json: added_tokens[3].id`.
  public var place: String { way.text }

  /// The value of a key.
  public subscript(key: String) -> JSONPlace { JSONPlace(value?[key], .key(way, key)) }

  /// Whether it is null or missing.
  public var isNull: Bool { value == nil || value == .null }
  /// The text, if it is one.
  public var text: String? { value?.asString }
  /// The whole number, if it is one.
  public var integer: Int? { value?.asInteger }
  /// The switch, if it is one.
  public var flag: Bool? { value?.asBool }

  /// The elements, if it is a list.
  public var list: [JSONPlace]? {
    value?.asArray?.enumerated().map { JSONPlace($0.element, .item(way, $0.offset)) }
  }

  /// The members in their order, if it is an object.
  public var members: [(key: String, value: JSONPlace)]? {
    value?.asObject?.members.map { ($0.key, JSONPlace($0.value, .key(way, $0.key))) }
  }

  /// A text, number or switch as text; null as the empty text; nil for lists and objects.
  public var plain: String? {
    switch value {
    case nil, .null: return ""
    case .bool(let on): return on ? "true" : "false"
    case .integer(let n): return String(n)
    case .number(let x): return integer.map { String($0) } ?? "\(x)"
    case .string(let text): return text
    case .array, .object: return nil
    }
  }

  /// The error that a value is not what it must be.
  public func failure(_ wanted: String) -> Failure {
    Failure("\(place) \(isNull ? "is missing: it must be" : "must be") \(wanted).")
  }
}
