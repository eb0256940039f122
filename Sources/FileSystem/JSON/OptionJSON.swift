import Options

extension JSON {
  /// An option's value as it stands in a file: whole numbers stay whole, a range is written out.
  public init(_ value: OptionValue) {
    switch value {
    case .integer(let n): self = .integer(n)
    case .number(let x): self = Int(exactly: x).map { .integer($0) } ?? .number(x)
    case .flag(let on): self = .bool(on)
    case .text(let text): self = .string(text)
    case .list, .range: self = .array(value.elements.map { JSON($0) })
    }
  }
}

extension OptionValue {
  /// A value of a file as an option takes it; nil for null, objects, and lists that hold such.
  public init?(_ json: JSON) {
    switch json {
    case .null, .object: return nil
    case .bool(let on): self = .flag(on)
    case .integer(let n): self = .integer(n)
    case .number(let x): self = .number(x)
    case .string(let text): self = .text(text)
    case .array(let values):
      let options = values.compactMap { OptionValue($0) }
      guard options.count == values.count else { return nil }
      self = .list(options)
    }
  }
}
