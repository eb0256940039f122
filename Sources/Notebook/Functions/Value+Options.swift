import Engine
import Options

extension Value {
  /// An option's value as a value.
  init(_ option: OptionValue) {
    switch option {
    case .integer(let n): self = .number(Double(n))
    case .number(let x): self = .number(x)
    case .flag(let on): self = .flag(on)
    case .text(let text): self = .text(text)
    case .list, .range: self = .list(option.elements.map(Value.init))
    }
  }

  /// The tensor in it; a number counts as one without axes, a list of numbers as a row.
  var asTensor: Tensor? {
    switch self {
    case .tensor(let t, _): return t
    case .number(let x): return Tensor(Float(x))
    case .list(let items):
      let numbers = items.compactMap(\.asNumber)
      return numbers.count == items.count ? try? Tensor([numbers.count], numbers.map { Float($0) }) : nil
    default: return nil
    }
  }
}
