/// One JSON object on one line: numbers and texts by name, in order.
struct Line: CustomStringConvertible {
  private var fields: [String] = []

  /// Adds a text; ours hold nothing that would need escaping.
  mutating func add(_ name: String, _ value: String) { fields.append("\"\(name)\":\"\(value)\"") }
  /// Adds a whole number.
  mutating func add(_ name: String, _ value: Int) { fields.append("\"\(name)\":\(value)") }
  /// Adds a number to four decimals; what is not finite becomes null.
  mutating func add(_ name: String, _ value: Double) {
    let text = value.isFinite ? "\((value * 10_000).rounded() / 10_000)" : "null"
    fields.append("\"\(name)\":\(text)")
  }
  /// Adds numbers as they are.
  mutating func add(_ name: String, _ values: [Float]) {
    fields.append("\"\(name)\":[\(values.map { "\($0)" }.joined(separator: ","))]")
  }

  /// The numbers of a printed line by name.
  static func numbers(_ text: String) -> [String: Double] {
    let pairs = text.split(whereSeparator: { "{},\n".contains($0) }).compactMap { pair -> (String, Double)? in
      let parts = pair.split(separator: ":").map(String.init)
      guard parts.count == 2, let x = Double(parts[1]) else { return nil }
      return (parts[0].filter { $0 != "\"" }, x)
    }
    return Dictionary(pairs, uniquingKeysWith: { first, _ in first })
  }

  var description: String { "{" + fields.joined(separator: ",") + "}" }
}
