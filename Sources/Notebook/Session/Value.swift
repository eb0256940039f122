import Engine
import Events
import Options

/// What an expression gives: a number, a text, a tensor with the place it came from, a list, a model.
public enum Value {
  case number(Double)
  case text(String)
  case flag(Bool)
  case tensor(Tensor, Place?)
  case list([Value])
  case model(Subject, isBase: Bool)

  /// Where a tensor came from, so that `grad` and `fd` can ask for the same numbers.
  public struct Place {
    /// The model.
    public let subject: Subject
    /// The parameter's or site's full name.
    public let name: String
    /// Which numbers of it, by flat index; nil: all.
    public let indices: [Int]?
  }

  /// The sort of value, for messages.
  public var kind: String {
    switch self {
    case .number: return "a number"
    case .text: return "a text"
    case .flag: return "yes or no"
    case .tensor(let t, _): return "a tensor of shape \(t.shape)"
    case .list: return "a list"
    case .model: return "a model"
    }
  }

  /// The one number in it: a number, or a tensor of one.
  public var asNumber: Double? {
    switch self {
    case .number(let x): return x
    case .flag(let on): return on ? 1 : 0
    case .tensor(let t, _) where t.count == 1: return Double(t.item)
    default: return nil
    }
  }

  /// How it is shown.
  public func event(name: String) -> Event {
    switch self {
    case .number(let x): return .value(ValueView(.number(x), name: name))
    case .text(let text): return .value(ValueView(.words(text), name: name))
    case .flag(let on): return .value(ValueView(.flag(on), name: name))
    case .tensor(let t, let place):
      if t.shape.isEmpty { return .value(ValueView(.number(t.item), name: name)) }
      return .tensor(TensorView(place?.name ?? name, shape: t.shape, values: t.scalars))
    case .list(let values):
      let texts = values.map { value -> String in
        if case .tensor(let t, let place) = value { return (place?.name ?? "tensor") + " \(t.shape)" }
        return value.brief
      }
      return .value(ValueView(.words(texts.joined(separator: ", ")), name: name))
    case .model(let subject, let isBase):
      return .value(
        ValueView(.words(isBase ? subject.name + " without attachments" : subject.summary), name: name))
    }
  }

  /// In a few words, for lists and watches.
  public var brief: String {
    switch self {
    case .number(let x): return formatted(x)
    case .text(let text): return text
    case .flag(let on): return on ? "yes" : "no"
    case .tensor(let t, _): return t.count == 1 ? formatted(Double(t.item)) : "\(t.shape)"
    case .list(let values): return values.map(\.brief).joined(separator: ", ")
    case .model(let subject, let isBase): return "@" + subject.name + (isBase ? ".base" : "")
    }
  }

  /// As it could be typed, so that the very same value comes back; nil where there is no such text.
  var literal: String? {
    switch self {
    case .number(let x): return x.isFinite ? Int(exactly: x).map(String.init) ?? "\(x)" : nil
    case .text(let text): return OptionValue.quoted(text)
    case .flag(let on): return on ? "yes" : "no"
    case .list(let values):
      let texts = values.compactMap(\.literal)
      return texts.count == values.count ? "[" + texts.joined(separator: ", ") + "]" : nil
    case .tensor, .model: return nil
    }
  }
}
