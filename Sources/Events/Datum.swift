import FileSystem

/// One printed thing with its type: a cell of a table, a fact, the value of an expression.
public enum Datum: Sendable, Equatable {
  /// Nothing there.
  case empty
  /// Words.
  case text(StyledText)
  /// A whole number, in groups of three.
  case count(Int)
  /// A number in the presentation's digits.
  case number(Double)
  /// Several numbers.
  case numbers([Double])
  /// A fraction, shown in per cent.
  case percent(Double)
  /// A size in bytes.
  case bytes(Int)
  /// A time in seconds.
  case seconds(Double)
  /// Yes or no.
  case flag(Bool)

  /// A number, with the digits of the `Float`.
  public static func number(_ x: Float) -> Datum { .number(Double(shortest: x)) }
  /// Several numbers, with the digits of the `Float`.
  public static func numbers(_ x: [Float]) -> Datum { .numbers(x.map { Double(shortest: $0) }) }
  /// Plain words.
  public static func words(_ text: String) -> Datum { .text(StyledText(text)) }
}

extension Double {
  /// The number whose shortest digits are those of a `Float`: 0.1 and not 0.10000000149.
  public init(shortest x: Float) { self = x.isFinite ? Double("\(x)") ?? Double(x) : Double(x) }
}

extension Datum: ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
  /// Plain words.
  public init(stringLiteral value: String) { self = .text(StyledText(value)) }
  /// A whole number.
  public init(integerLiteral value: Int) { self = .count(value) }
  /// A number.
  public init(floatLiteral value: Double) { self = .number(value) }
}

extension Datum {
  /// Whether it stands at the right of its column.
  var isNumeric: Bool {
    switch self {
    case .count, .number, .percent, .bytes, .seconds: return true
    default: return false
    }
  }

  /// As it is printed.
  func text(_ p: Presentation) -> StyledText {
    switch self {
    case .empty: return ""
    case .text(let text): return text
    case .count(let n): return StyledText(grouped(n))
    case .number(let x): return StyledText(p.number(x))
    case .numbers(let list): return StyledText(list.map(p.number).joined(separator: " "))
    case .percent(let x): return StyledText(percentage(x, digits: p.digits))
    case .bytes(let n): return StyledText(Events.bytes(n))
    case .seconds(let s): return StyledText(duration(s))
    case .flag(let on): return StyledText(p.phrase(on ? "yes" : "no"))
    }
  }

  /// For programs.
  var json: JSON {
    switch self {
    case .empty: return .null
    case .text(let text): return .string(text.plain)
    case .count(let n), .bytes(let n): return .integer(n)
    case .number(let x), .percent(let x), .seconds(let x): return JSON(x)
    case .numbers(let list): return .array(list.map { JSON($0) })
    case .flag(let on): return .bool(on)
    }
  }
}
