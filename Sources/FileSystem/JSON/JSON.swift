/// A JSON value; objects keep the order of their keys, whole numbers stay whole.
public enum JSON: Sendable, Equatable {
  /// No value.
  case null
  /// Yes or no.
  case bool(Bool)
  /// A number written without fraction or exponent that fits 64 bits.
  case integer(Int)
  /// Any other number.
  case number(Double)
  /// A text.
  case string(String)
  /// A list.
  case array([JSON])
  /// Keys and values.
  case object(Object)
}

extension JSON {
  /// The value of a key, or nil where it is missing or this is no object.
  public subscript(_ key: String) -> JSON? { asObject?[key] }

  /// The object in it.
  public var asObject: Object? {
    if case .object(let object) = self { return object }
    return nil
  }

  /// The array in it.
  public var asArray: [JSON]? {
    if case .array(let values) = self { return values }
    return nil
  }

  /// The text in it.
  public var asString: String? {
    if case .string(let text) = self { return text }
    return nil
  }

  /// Yes or no.
  public var asBool: Bool? {
    if case .bool(let value) = self { return value }
    return nil
  }

  /// The whole number in it: `8`, or `8.0`.
  public var asInteger: Int? {
    switch self {
    case .integer(let n): return n
    case .number(let x): return Int(exactly: x)
    default: return nil
    }
  }

  /// The number in it.
  public var asNumber: Double? {
    switch self {
    case .integer(let n): return Double(n)
    case .number(let x): return x
    default: return nil
    }
  }

  /// What kind of value it is, in words.
  public var kind: String {
    switch self {
    case .null: return "null"
    case .bool: return "true or false"
    case .integer, .number: return "a number"
    case .string: return "a text"
    case .array: return "a list"
    case .object: return "an object"
    }
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  /// A text.
  public init(stringLiteral text: String) { self = .string(text) }
  /// A whole number.
  public init(integerLiteral n: Int) { self = .integer(n) }
  /// A number.
  public init(floatLiteral x: Double) { self = .number(x) }
  /// Yes or no.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A list.
  public init(arrayLiteral values: JSON...) { self = .array(values) }
  /// An object; of a key that stands twice the last value counts.
  public init(dictionaryLiteral members: (String, JSON)...) { self = .object(Object(members)) }
}
