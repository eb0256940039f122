extension Syntax.Expression: CustomStringConvertible {
  /// The expression with one space around its operators; parentheses stand where they were typed.
  public var description: String {
    switch kind {
    case .number(let x): return Syntax.spelling(ofNumber: x)
    case .text(let text): return Syntax.quoted(text)
    case .flag(let on): return on ? "yes" : "no"
    case .path(let segments): return Syntax.spelling(of: segments)
    case .result(.back(let n)): return String(repeating: "%", count: n)
    case .result(.entry(let n)): return "%\(n)"
    case .model(let name, let path): return "@" + name + (path.isEmpty ? "" : "." + Syntax.spelling(of: path))
    case .call(let name, let arguments): return name.text + "(" + Syntax.joined(arguments) + ")"
    case .index(let whole, let indices): return "\(whole)[" + Syntax.joined(indices) + "]"
    case .unary(.not, let operand): return "not \(operand)"
    case .unary(let sign, let operand): return sign.rawValue + operand.description
    case .binary(.power, let base, let exponent): return "\(base)^\(exponent)"
    case .binary(let sign, let left, let right): return "\(left) \(sign.rawValue) \(right)"
    case .list(let elements): return "[" + Syntax.joined(elements) + "]"
    case .group(let inner): return "(\(inner))"
    }
  }
}

extension Syntax.Segment: CustomStringConvertible {
  /// The name, the number or `*`.
  public var description: String {
    switch self {
    case .name(let name): return name
    case .index(let n): return String(n)
    case .any: return "*"
    }
  }
}

extension Syntax.Index: CustomStringConvertible {
  /// The index as it is typed.
  public var description: String {
    switch self {
    case .at(let n): return String(n)
    case .slice(let from, let to): return (from.map { "\($0)" } ?? "") + ":" + (to.map { "\($0)" } ?? "")
    case .span(let low, let high): return "\(low)..\(high)"
    }
  }
}

extension Syntax {
  /// A path as it is typed.
  public static func spelling(of path: [Segment]) -> String {
    path.map(\.description).joined(separator: ".")
  }

  fileprivate static func joined<Part: CustomStringConvertible>(_ parts: [Part]) -> String {
    parts.map(\.description).joined(separator: ", ")
  }

  /// A number of an expression: whole ones without a point.
  fileprivate static func spelling(ofNumber x: Double) -> String {
    if let whole = Int(exactly: x), abs(x) < 1e15 { return String(whole) }
    return "\(x)"
  }
}
