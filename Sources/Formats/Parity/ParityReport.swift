import Engine
import FileSystem
import Options

/// What came of a parity folder: a line a case.
public struct ParityReport: Sendable, Equatable {
  /// The cases in order; of a base alone only where it fails.
  public var cases: [ParityCase] = []

  /// How many agreed.
  public var passed: Int { count(.passed) }
  /// How many did not, or could not be read.
  public var failed: Int { count(.failed) }
  /// How many are of a kind that Graft does not have.
  public var skipped: Int { count(.skipped) }

  private func count(_ verdict: ParityCase.Verdict) -> Int { cases.filter { $0.verdict == verdict }.count }
}

/// One adapter on one model, against peft.
public struct ParityCase: Sendable, Equatable {
  /// How it ended.
  public enum Verdict: String, Sendable { case passed, failed, skipped }

  /// The model's folder: `gpt2`.
  public let architecture: String
  /// The adapter's folder: `lora`.
  public let name: String
  /// How it ended.
  public internal(set) var verdict = Verdict.passed
  /// Why it failed or was skipped; empty where it passed.
  public internal(set) var reason = ""
  /// What was compared, in order.
  public internal(set) var checks: [ParityCheck] = []

  /// The check of a kind whose difference is the largest part of what is allowed; nil where there is none.
  public func worst(_ kind: ParityCheck.Kind) -> ParityCheck? {
    checks.filter { $0.kind == kind }.max { a, b in
      a.passed != b.passed ? a.passed : a.difference * b.allowed < b.difference * a.allowed
    }
  }
}

/// One tensor of ours against peft's.
public struct ParityCheck: Sendable, Equatable {
  /// What the tensor is.
  public enum Kind: String, Sendable, CaseIterable {
    case logits, loss, gradient, merged, residual, trace
    /// The logits with the tensors of `adapter_model.safetensors`.
    case saved
  }

  /// What the tensor is.
  public let kind: Kind
  /// A gradient's live name in peft; else empty.
  public let name: String
  /// max|own − reference|; NaN where a number is none.
  public let difference: Double
  /// What the difference may be.
  public let allowed: Double
  /// ‖own‖ and ‖reference‖.
  public let norms: (own: Double, reference: Double)
  /// The cosine between them; 1 where both are zero.
  public let cosine: Double

  /// Whether the difference is allowed; one that is NaN is not.
  public var passed: Bool { difference <= allowed }

  /// Compares: outputs may differ by 1e-4·max(1, max|reference|), a gradient by 1e-3·max|reference| + 1e-7, or by 1e-6
  /// of `scale`, the largest number in any gradient of the case: a gradient that is 0 in exact arithmetic, as a key's
  /// bias has it, is what rounding leaves of terms of that size, on both sides. Throws where shapes differ.
  init(_ kind: Kind, name: String = "", own: [Float], reference: [Float], scale: Double = 0) throws {
    guard own.count == reference.count, !own.isEmpty else {
      throw Failure(
        "\(kind.rawValue)\(name.isEmpty ? "" : " of \(name)"): \(own.count) numbers against "
          + "\(reference.count).")
    }
    var most = 0.0, largest = 0.0, squares = (0.0, 0.0), product = 0.0, isWhole = true
    for (a, b) in zip(own, reference) {
      let a = Double(a), b = Double(b)
      isWhole = isWhole && a.isFinite && b.isFinite
      most = max(most, abs(a - b))
      largest = max(largest, abs(b))
      squares = (squares.0 + a * a, squares.1 + b * b)
      product += a * b
    }
    self.kind = kind
    self.name = name
    difference = isWhole ? most : .nan
    allowed = kind == .gradient ? max(1e-3 * largest + 1e-7, 1e-6 * scale) : 1e-4 * max(1, largest)
    norms = (squares.0.squareRoot(), squares.1.squareRoot())
    let both = norms.own * norms.reference
    cosine = both > 0 ? product / both : norms.own == norms.reference ? 1 : 0
  }

  /// Whether everything is the same; NaN differs from itself.
  public static func == (a: ParityCheck, b: ParityCheck) -> Bool {
    (a.kind, a.name, a.difference, a.allowed) == (b.kind, b.name, b.difference, b.allowed)
      && a.norms == b.norms && a.cosine == b.cosine
  }
}

extension ParityReport {
  /// Everything, for programs.
  public var json: JSON {
    [
      "cases": .array(cases.map(\.json)), "passed": .integer(passed), "failed": .integer(failed),
      "skipped": .integer(skipped),
    ]
  }
}

extension ParityCase {
  var json: JSON {
    var object: JSON.Object = [
      "architecture": .string(architecture), "case": .string(name), "verdict": .string(verdict.rawValue),
    ]
    if !reason.isEmpty { object["reason"] = .string(reason) }
    object["checks"] = .array(checks.map(\.json))
    return .object(object)
  }
}

extension ParityCheck {
  var json: JSON {
    var object: JSON.Object = ["what": .string(kind.rawValue)]
    if !name.isEmpty { object["name"] = .string(name) }
    let rest: [(String, Double)] = [
      ("difference", difference), ("allowed", allowed), ("norm", norms.own),
      ("reference_norm", norms.reference), ("cosine", cosine),
    ]
    for (key, value) in rest { object[key] = value.isFinite ? .number(value) : .null }
    object["passed"] = .bool(passed)
    return .object(object)
  }
}
