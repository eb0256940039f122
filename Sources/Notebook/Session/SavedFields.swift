import FileSystem
import Formats
import Options

/// A value of a saved session's text with the way to it, so that an error can name the place. Nothing in it is trusted.
struct SavedFields {
  let json: JSON
  let place: String

  init(_ json: JSON, _ place: String) { (self.json, self.place) = (json, place) }

  /// The value of a key; a missing one is null.
  subscript(_ key: String) -> SavedFields {
    SavedFields(json[key] ?? .null, place.isEmpty ? key : "\(place).\(key)")
  }

  /// Whether it is null or missing.
  var isNull: Bool { json == .null }

  /// The same, or nil where it is null or missing.
  var orNil: SavedFields? { isNull ? nil : self }

  func text() throws -> String {
    guard let text = json.asString else { throw wrong("a text") }
    return text
  }

  func flag() throws -> Bool {
    guard let flag = json.asBool else { throw wrong("true or false") }
    return flag
  }

  func integer(in range: ClosedRange<Int> = 0...Int.max) throws -> Int {
    guard let n = json.asInteger, range.contains(n) else {
      throw wrong("a whole number from \(range.lowerBound)")
    }
    return n
  }

  /// A number, which stands as text: so also those are exact that JSON cannot hold.
  func number() throws -> Double {
    guard let text = json.asString, let x = Double(text) else { throw wrong("a number in quotes") }
    return x
  }

  /// A number of 32 bits, which stands as text.
  func float() throws -> Float {
    guard let text = json.asString, let x = Float(text) else { throw wrong("a number in quotes") }
    return x
  }

  func list() throws -> [SavedFields] {
    guard let values = json.asArray else { throw wrong("a list") }
    return values.enumerated().map { SavedFields($1, "\(place)[\($0)]") }
  }

  func texts() throws -> [String] { try list().map { try $0.text() } }

  func integers(in range: ClosedRange<Int> = 0...Int.max) throws -> [Int] {
    try list().map { try $0.integer(in: range) }
  }

  /// Keys and values in their order.
  func members() throws -> [(key: String, value: SavedFields)] {
    guard let object = json.asObject else { throw wrong("an object") }
    return object.members.map { ($0.key, self[$0.key]) }
  }

  func wrong(_ wanted: String) -> Failure {
    Failure(
      "the session's text is damaged: \(place) is \(json.kind), not \(wanted).",
      cure: "Take an earlier copy of it")
  }
}

extension JSON {
  /// A number as text, exactly.
  static func exact(_ x: Double) -> JSON { .string("\(x)") }
  /// A number as text, exactly.
  static func exact(_ x: Float) -> JSON { .string("\(x)") }
}
