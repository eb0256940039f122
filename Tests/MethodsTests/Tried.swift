import Engine
import Methods
import Options
import Testing
import Training

@testable import Networks

/// A method on a model: what a law is tried on.
struct Tried: Sendable, CustomTestStringConvertible {
  let method: String
  let model: TinyModel

  var testDescription: String { "\(method) on the \(model)" }

  /// Every method on every model that it supports.
  static let all = TinyModel.allCases.flatMap { model in
    Methods.names.filter { Refusal(of: $0, model) == nil }.map { Tried(method: $0, model: model) }
  }

  /// Every method on every model that it does not support.
  static let refused = TinyModel.allCases.flatMap { model in
    Methods.names.filter { Refusal(of: $0, model) != nil }.map { Tried(method: $0, model: model) }
  }
}

/// Two methods on a model: all pairs on the decoder; on the others each with LoRA and with full tuning.
struct TriedPair: Sendable, CustomTestStringConvertible {
  let first: String, second: String
  let model: TinyModel

  var testDescription: String { "\(first) and \(second) on the \(model)" }

  static let all = Tried.all.flatMap { one -> [TriedPair] in
    let others = Tried.all.filter { $0.model == one.model }.map(\.method)
    return others.filter { one.model == .decoder || ["lora", "full"].contains($0) }.map {
      TriedPair(first: one.method, second: $0, model: one.model)
    }
  }
}

/// Why a method cannot be used on a model; none where it can.
struct Refusal {
  let failure: Failure?

  init?(of name: String, _ model: TinyModel) {
    func reason<M: TuningMethod>(_: M.Type) throws { try M().supports(model.random()) }
    do {
      try reason(Methods.named(name))
      return nil
    } catch { failure = error as? Failure }
  }
}

/// A method that does not fit a model says so, and changes nothing.
struct RefusalLaws {
  @Test(arguments: Tried.refused) func hasItsReason(_ tried: Tried) throws {
    let refusal = try #require(Refusal(of: tried.method, tried.model))
    let failure = try #require(refusal.failure, "not a failure that teaches")
    #expect(failure.what.count > 15)
    let model = try tried.model.random(), before = model.fingerprint
    #expect(throws: Failure.self) { try model.attach(tried.method) }
    #expect(model.fingerprint == before)
  }

  /// Nothing of the catalog is refused everywhere.
  @Test(arguments: Methods.names) func someModelTakesIt(name: String) throws {
    #expect(Tried.all.contains { $0.method == name })
  }
}
