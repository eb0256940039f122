import Engine
import Options

extension Functions {
  /// What a tensor is like.
  static var ofTensors: [Function] {
    [
      Function("shape(x)", "The sizes by axis.") { .list(try $0.tensor().shape.map { .number(Double($0)) }) },
      Function("size(x)", "How many numbers there are.") { .number(Double(try $0.numbers().count)) },
      Function("count(x)", "How many entries a list has, or how many numbers of a tensor are not 0.") {
        call in
        if case .list(let items) = call.arguments[0] { return .number(Double(items.count)) }
        return .number(Double(try call.numbers().filter { $0 != 0 }.count))
      },
      Function("norm(x)", "The square root of the sum of squares.") { call in
        .number(try call.numbers().reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot())
      },
      Function("sum(x)", "The sum.") { .number(try $0.numbers().reduce(0.0) { $0 + Double($1) }) },
      Function("mean(x)", "The mean.") { .number(mean(try $0.numbers())) },
      Function("std(x)", "The standard deviation (divided by n).") { call in
        let x = try call.numbers(), m = mean(x)
        return .number(
          (x.reduce(0.0) { $0 + (Double($1) - m) * (Double($1) - m) } / Double(max(x.count, 1))).squareRoot())
      },
      Function("min(x)", "The smallest number.") { .number(Double(try $0.numbers().min() ?? .nan)) },
      Function("max(x)", "The largest number.") { .number(Double(try $0.numbers().max() ?? .nan)) },
      Function("maxdiff(a, b)", "The largest absolute difference; exactly 0 when equal.", 2...2) { call in
        .number(Double(try difference(call)))
      },
      Function("allclose(a, b, tolerance)", "Whether no difference exceeds the tolerance (1e-5).", 2...3) {
        call in
        .flag(Double(try difference(call)) <= (call.arguments.count > 2 ? try call.number(2) : 1e-5))
      },
      Function("cos(a, b)", "The cosine of the angle between two tensors taken as vectors.", 2...2) { call in
        let a = try call.numbers(0), b = try call.numbers(1)
        guard a.count == b.count else {
          throw Failure("\(a.count) and \(b.count) numbers have no angle between them.")
        }
        func dot(_ x: [Float], _ y: [Float]) -> Double {
          zip(x, y).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
        }
        return .number(dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot())
      },
      Function("softmax(x)", "Probabilities from scores, over the last axis.") {
        .tensor(try $0.tensor().softmax(), nil)
      },
      Function(
        "entropy(p)", "−Σ p·ln p over the last axis, in nats; alone, of the model's own answers.", 0...1
      ) {
        call in
        guard !call.arguments.isEmpty else { return try figure("entropy", call.session) }
        let p = try call.tensor()
        let parts = p.scalars.map { $0 > 0 ? -Double($0) * Double($0).naturalLog : 0 }
        return .number(parts.reduce(0, +) / Double(max(p.rows, 1)))
      },
      Function(
        "kl(p, q)", "Σ p·ln(p/q) over the last axis, mean over rows, in nats; alone, of the trainer's step.",
        0...2
      ) { call in
        guard !call.arguments.isEmpty else { return try figure("kl", call.session) }
        guard call.arguments.count == 2 else { throw Failure("kl is written kl(p, q), or kl alone.") }
        let p = try call.tensor(0), q = try call.tensor(1)
        guard p.shape == q.shape else { throw Failure("shapes \(p.shape) and \(q.shape) differ.") }
        let parts = zip(p.scalars, q.scalars).map {
          $0 > 0 ? Double($0) * (Double($0) / Double($1)).naturalLog : 0
        }
        return .number(parts.reduce(0, +) / Double(max(p.rows, 1)))
      },
      Function("agree(a, b)", "The share of places at which two lists say the same.", 2...2) { call in
        let (a, b) = try pair(call)
        return .number(Double(zip(a, b).filter { $0 == $1 }.count) / Double(max(a.count, 1)))
      },
      Function("kappa(a, b)", "Cohen's κ: agreement beyond what chance would give.", 2...2) { call in
        let (a, b) = try pair(call), n = Double(max(a.count, 1))
        let seen = Double(zip(a, b).filter { $0 == $1 }.count) / n
        let chance = Set(a).reduce(0.0) { sum, v in
          sum + Double(a.filter { $0 == v }.count) / n * Double(b.filter { $0 == v }.count) / n
        }
        return .number(chance == 1 ? 1 : (seen - chance) / (1 - chance))
      },
    ]
  }

  private static func mean(_ x: [Float]) -> Double {
    x.reduce(0.0) { $0 + Double($1) } / Double(max(x.count, 1))
  }

  private static func difference(_ call: FunctionCall) throws -> Float {
    if case .number(let a) = call.arguments[0], case .number(let b) = call.arguments[1] {
      return Float(Swift.abs(a - b))
    }
    let a = try call.tensor(0), b = try call.tensor(1)
    guard a.shape == b.shape else { throw Failure("shapes \(a.shape) and \(b.shape) differ.") }
    return try a.largestDifference(from: b)
  }

  private static func pair(_ call: FunctionCall) throws -> ([Float], [Float]) {
    let a = try call.numbers(0), b = try call.numbers(1)
    guard a.count == b.count else { throw Failure("lists of \(a.count) and \(b.count) cannot be compared.") }
    return (a, b)
  }
}
