/// A JSON value that writes itself on one line, its members in the order given.
public indirect enum JSON: Sendable {
  case null
  case flag(Bool)
  case integer(Int)
  /// A number; JSON has none that is not finite, so those become the texts `nan`, `inf`, `-inf`.
  case number(Double)
  case text(String)
  case list([JSON])
  case object([(String, JSON)])
}

extension JSON: CustomStringConvertible {
  /// The value as JSON, without line breaks.
  public var description: String {
    switch self {
    case .null: return "null"
    case .flag(let on): return on ? "true" : "false"
    case .integer(let n): return String(n)
    case .number(let x):
      if !x.isFinite { return JSON.quoted(formatted(x)) }
      if let whole = Int(exactly: x), whole.magnitude < 1 << 53 { return String(whole) }
      return "\(x)"
    case .text(let text): return JSON.quoted(text)
    case .list(let values): return "[" + values.map(\.description).joined(separator: ",") + "]"
    case .object(let members):
      return "{" + members.map { JSON.quoted($0) + ":" + $1.description }.joined(separator: ",") + "}"
    }
  }

  private static func quoted(_ text: String) -> String {
    var out = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case "\n": out += "\\n"
      case "\t": out += "\\t"
      case "\r": out += "\\r"
      case _ where scalar.value < 0x20 || 0x7f...0x9f ~= scalar.value || 0x2028...0x2029 ~= scalar.value:
        let hex = String(scalar.value, radix: 16)
        out += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out + "\""
  }
}
