/// A value of a GGUF file's metadata.
public enum GGUFValue: Sendable, Equatable {
  /// A whole number.
  case integer(Int)
  /// A number.
  case number(Double)
  /// Yes or no.
  case bool(Bool)
  /// A text.
  case text(String)
  /// Whole numbers.
  case integers([Int])
  /// Numbers.
  case numbers([Float])
  /// Texts.
  case texts([String])

  /// The whole number in it.
  public var asInteger: Int? { if case .integer(let n) = self { return n } else { return nil } }
  /// The number in it.
  public var asNumber: Double? {
    if case .number(let x) = self { return x }
    return asInteger.map { Double($0) }
  }
  /// Yes or no.
  public var asBool: Bool? { if case .bool(let value) = self { return value } else { return nil } }
  /// The text in it.
  public var asText: String? { if case .text(let text) = self { return text } else { return nil } }
  /// The texts in it.
  public var asTexts: [String]? { if case .texts(let texts) = self { return texts } else { return nil } }
  /// The whole numbers in it.
  public var asIntegers: [Int]? { if case .integers(let list) = self { return list } else { return nil } }
  /// The numbers in it.
  public var asNumbers: [Float]? { if case .numbers(let list) = self { return list } else { return nil } }
}
