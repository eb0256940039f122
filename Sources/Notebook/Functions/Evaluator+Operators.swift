import Engine
import Options

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Signs and operators, on numbers, texts and tensors.
extension Evaluator {
  func unary(_ op: Syntax.UnaryOperator, _ value: Value) throws -> Value {
    if op == .plus { return value }
    if op == .not {
      guard let x = value.asNumber else { throw Failure("not needs yes or no, this is \(value.kind).") }
      return .flag(x == 0)
    }
    if case .tensor(let t, _) = value, t.count != 1 { return .tensor(try t.scaled(by: -1), nil) }
    guard let x = value.asNumber else { throw Failure("there is no −\(value.kind).") }
    return .number(-x)
  }

  func binary(_ op: Syntax.BinaryOperator, _ left: Syntax.Expression, _ right: Syntax.Expression)
    throws -> Value
  {
    let a = try value(left)
    if op == .and || op == .or {
      guard let x = a.asNumber else { throw Failure("\(op.rawValue) needs yes or no, this is \(a.kind).") }
      if (op == .and) == (x == 0) { return .flag(x != 0) }
      let b = try value(right)
      guard let y = b.asNumber else { throw Failure("\(op.rawValue) needs yes or no, this is \(b.kind).") }
      return .flag(y != 0)
    }
    let b = try value(right)
    if case .text(let x) = a, case .text(let y) = b {
      switch op {
      case .equal: return .flag(x == y)
      case .unequal: return .flag(x != y)
      case .plus: return .text(x + y)
      default: break
      }
    }
    if let x = a.asNumber, let y = b.asNumber { return Self.number(op, x, y) }
    guard let x = a.asTensor, let y = b.asTensor else {
      throw Failure("\(op.rawValue) does not go with \(a.kind) and \(b.kind).")
    }
    switch op {
    case .plus: return .tensor(try x + y, nil)
    case .minus: return .tensor(try x - y, nil)
    case .times: return .tensor(try x * y, nil)
    case .over: return .tensor(try x.divided(by: y), nil)
    case .equal: return .flag(try x.shape == y.shape && x.largestDifference(from: y) == 0)
    case .unequal: return .flag(try x.shape != y.shape || x.largestDifference(from: y) != 0)
    default:
      throw Failure(
        "\(op.rawValue) compares numbers; these are tensors.", cure: "For example max(x) \(op.rawValue) 1")
    }
  }

  private static func number(_ op: Syntax.BinaryOperator, _ x: Double, _ y: Double) -> Value {
    switch op {
    case .plus: return .number(x + y)
    case .minus: return .number(x - y)
    case .times: return .number(x * y)
    case .over: return .number(x / y)
    case .power: return .number(pow(x, y))
    case .equal: return .flag(x == y)
    case .unequal: return .flag(x != y)
    case .less: return .flag(x < y)
    case .atMost: return .flag(x <= y)
    case .greater: return .flag(x > y)
    case .atLeast: return .flag(x >= y)
    case .and: return .flag(x != 0 && y != 0)
    case .or: return .flag(x != 0 || y != 0)
    }
  }
}
