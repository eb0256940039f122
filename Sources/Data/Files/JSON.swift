import Foundation
import Options

/// A JSON text read into a tree whose parts are asked by key; an error names the path to the key.
struct JSON {
  /// Where this value stands: `tokenizer.json: model.vocab`.
  let place: String
  private let value: Any?

  /// Reads a text; throws where it is no JSON.
  init(_ bytes: some DataProtocol, place: String) throws {
    self.place = place
    do {
      value = try JSONSerialization.jsonObject(with: Data(bytes), options: [.fragmentsAllowed])
    } catch {
      let reason = (error as NSError).userInfo["NSDebugDescription"] as? String
      throw Failure("\(place) is not JSON.", cure: "", details: reason.map { [$0] } ?? [])
    }
  }

  private init(place: String, value: Any?) {
    self.place = place
    self.value = value
  }

  /// The value of a key; one that is missing is null.
  subscript(key: String) -> JSON {
    member(key, (value as? [String: Any])?[key])
  }

  /// Whether it is null or missing.
  var isNull: Bool { value == nil || value is NSNull }
  /// The text, if it is one.
  var text: String? { value as? String }
  /// The whole number, if it is one; a switch is none.
  var integer: Int? { isFlag ? nil : value as? Int }
  /// The switch, if it is one.
  var flag: Bool? { isFlag ? value as? Bool : nil }
  /// The elements, if it is a list.
  var list: [JSON]? {
    (value as? [Any])?.enumerated().map { JSON(place: "\(place)[\($0.offset)]", value: $0.element) }
  }
  /// The members, if it is an object.
  var members: [String: JSON]? {
    (value as? [String: Any]).map {
      Dictionary(uniqueKeysWithValues: $0.map { ($0.key, member($0.key, $0.value)) })
    }
  }
  /// A text, number or switch as text; null as the empty text; nil for lists and objects.
  var plain: String? {
    if isNull { return "" }
    if let flag { return flag ? "true" : "false" }
    if let integer { return String(integer) }
    if let number = value as? Double { return "\(number)" }
    return text
  }

  /// The error that a value is not what it must be.
  func failure(_ wanted: String) -> Failure {
    Failure("\(place) \(isNull ? "is missing: it must be" : "must be") \(wanted).")
  }

  private func member(_ key: String, _ value: Any?) -> JSON {
    JSON(place: place + (place.hasSuffix(":") ? " " : ".") + key, value: value)
  }

  /// JSON's switches arrive as numbers of a type of their own.
  private var isFlag: Bool {
    (value as? NSNumber).map { String(cString: $0.objCType) == "c" } ?? false
  }
}

extension JSON {
  /// A text in JSON's quotes, as it is written.
  static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\r": out += "\\r"
      case "\t": out += "\\t"
      case "\u{8}": out += "\\b"
      case "\u{C}": out += "\\f"
      case _ where scalar.value < 0x20:
        let hex = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}
