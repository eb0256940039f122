/// A value as it is typed, stored and shown: `8`, `1e-3`, `yes`, `attn.q`, `"two words"`, `1,2,3`, `0..3`.
public enum OptionValue: Sendable, Hashable {
  case integer(Int)
  case number(Double)
  case flag(Bool)
  case text(String)
  case list([OptionValue])
  /// Both ends included.
  case range(Int, Int)
}

extension OptionValue: CustomStringConvertible {
  /// The value as one would type it.
  public var description: String {
    switch self {
    case .integer(let n): return String(n)
    case .number(let x): return OptionValue.shortest(x)
    case .flag(let on): return on ? "yes" : "no"
    case .text(let text):
      return OptionValue.isBareWord(text) && !OptionValue.readsAsNumber(text)
        ? text : OptionValue.quoted(text)
    case .list(let values): return values.map(\.description).joined(separator: ",")
    case .range(let low, let high): return "\(low)..\(high)"
    }
  }

  /// A number without a needless fraction: `2`, `0.001`, `1e-05`.
  static func shortest(_ x: Double) -> String {
    if let whole = Int(exactly: x), abs(whole) < 1_000_000_000 { return String(whole) }
    return "\(x)"
  }

  /// Whether the text can be typed without quotes.
  public static func isBareWord(_ text: String) -> Bool {
    let reserved: Set<Character> = [";", "#", ",", "=", "{", "}", "(", ")", "[", "]", "\"", "\\"]
    return !text.isEmpty && !text.contains { reserved.contains($0) || $0.isWhitespace }
      && !text.unicodeScalars.contains { $0.properties.generalCategory == .control }
  }

  /// Whether the text without quotes would come back as a number or a range: `1e-3`, `0..3`.
  static func readsAsNumber(_ text: String) -> Bool {
    let unsigned = text.hasPrefix("-") ? text.dropFirst() : text[...]
    guard let first = unsigned.first, first.isNumber || first == "." else { return false }
    return Double(text) != nil || text.contains("..")
  }

  /// The text in double quotes, with `\n \t \" \\ \u{…}` for what cannot stand there.
  public static func quoted(_ text: String) -> String {
    var out = "\""
    for c in text.unicodeScalars {
      switch c {
      case "\n": out += "\\n"
      case "\t": out += "\\t"
      case "\"": out += "\\\""
      case "\\": out += "\\\\"
      case _ where c.properties.generalCategory == .control: out += "\\u{" + String(c.value, radix: 16) + "}"
      default: out.unicodeScalars.append(c)
      }
    }
    return out + "\""
  }
}

extension OptionValue {
  /// The whole number in it, if it is one: `8`, `8.0`.
  public var asInteger: Int? {
    switch self {
    case .integer(let n): return n
    case .number(let x): return Int(exactly: x)
    default: return nil
    }
  }

  /// The number in it, if it is one.
  public var asNumber: Double? {
    switch self {
    case .integer(let n): return Double(n)
    case .number(let x): return x
    default: return nil
    }
  }

  /// Yes or no in any of the usual spellings.
  public var asFlag: Bool? {
    switch self {
    case .flag(let on): return on
    case .integer(1): return true
    case .integer(0): return false
    case .text("yes"), .text("on"), .text("true"): return true
    case .text("no"), .text("off"), .text("false"): return false
    default: return nil
    }
  }

  /// The text in it; numbers and words count as their spelling.
  public var asText: String? {
    switch self {
    case .text(let text): return text
    case .list: return nil
    default: return description
    }
  }

  /// The values of a list, a range written out, or the one value there is. A range that runs backwards or has
  /// 100,000 numbers or more gives nothing; `impossibleRange` tells.
  public var elements: [OptionValue] {
    switch self {
    case .list(let values):
      return values.flatMap { value -> [OptionValue] in
        if case .range = value { return value.elements }
        return [value]
      }
    case .range(let low, let high):
      return impossibleRange == nil ? (low...high).map { .integer($0) } : []
    default: return [self]
    }
  }

  /// The first range in it that cannot be written out: one that runs backwards, or has 100,000 numbers or
  /// more.
  public var impossibleRange: OptionValue? {
    switch self {
    case .list(let values): return values.lazy.compactMap(\.impossibleRange).first
    case .range(let low, let high):
      let (length, overflow) = high.subtractingReportingOverflow(low)
      return low <= high && !overflow && length < 100_000 ? nil : self
    default: return nil
    }
  }
}
