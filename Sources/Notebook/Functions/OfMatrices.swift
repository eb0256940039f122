import Engine
import Options

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Double {
  /// ln x.
  var naturalLog: Double {
    #if canImport(Glibc)
      return Glibc.log(self)
    #else
      return Darwin.log(self)
    #endif
  }
}

extension Functions {
  /// What a matrix is like.
  static var ofMatrices: [Function] {
    [
      Function("svd(W)", "The singular values, largest first.") { call in
        let values = try singularValues(call)
        return .tensor(try Tensor([values.count], values), nil)
      },
      Function("rank(W)", "How many singular values exceed rounding: 1e-5 of the largest.") { call in
        let values = try singularValues(call)
        return .number(Double(values.filter { $0 > 1e-5 * (values.first ?? 0) }.count))
      },
      Function(
        "effrank(W)",
        "The effective rank e^H, H the entropy of the normalised singular values (Roy & Vetterli 2007)."
      ) { call in
        .number(effectiveRank(try singularValues(call)))
      },
      Function("delta(place)", "ΔW: what attachments changed at a site, as a matrix.", sites: true) { call in
        let (subject, site) = try call.site()
        return .tensor(try Delta.of(site, in: subject.model), nil)
      },
    ]
  }

  static func effectiveRank(_ values: [Float]) -> Double {
    let total = values.reduce(0.0) { $0 + Double($1) }
    guard total > 0 else { return 0 }
    let entropy = values.reduce(0.0) { sum, v in
      let p = Double(v) / total
      return p > 0 ? sum - p * p.naturalLog : sum
    }
    #if canImport(Glibc)
      return Glibc.exp(entropy)
    #else
      return Darwin.exp(entropy)
    #endif
  }

  private static func singularValues(_ call: FunctionCall) throws -> [Float] {
    let w = try call.tensor()
    guard w.shape.count == 2 else { throw Failure("a matrix has two axes, this has shape \(w.shape).") }
    return try w.singularValues()
  }
}
