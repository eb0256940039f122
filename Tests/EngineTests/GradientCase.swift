import TestSupport
import Testing

@testable import Engine

typealias Numbers = ReferenceArray<Double>

/// One row of the table of gradient checks: an expression of ops, its inputs, and what it should be.
struct GradientCase: Sendable, CustomTestStringConvertible {
  /// An input: its shape, where its numbers are drawn from, and whether it is frozen.
  struct Input: Sendable {
    var shape: [Int]
    var range: ClosedRange<Double> = -1.5...1.5
    /// Every other number changes its sign, so that a range that leaves out 0 stands on both sides of it.
    var isSigned = false
    /// A frozen input is not tracked and must not get a gradient.
    var isFrozen = false

    init(
      _ shape: Int..., range: ClosedRange<Double> = -1.5...1.5, isSigned: Bool = false, isFrozen: Bool = false
    ) {
      (self.shape, self.range, self.isSigned, self.isFrozen) = (shape, range, isSigned, isFrozen)
    }

    /// The numbers, exact in Float.
    func draw(_ seed: UInt64) -> Numbers {
      var x = Numbers.drawn(shape, range, seed: seed)
      for i in x.values.indices {
        x.values[i] = Double(Float(isSigned && i % 2 == 1 ? -x.values[i] : x.values[i]))
      }
      return x
    }
  }

  var name: String
  /// The files of Sources/Engine/Ops that the case covers.
  var files: [String]
  var inputs: [Input]
  /// Whether the loss is the output itself (a scalar), without random factors.
  var isLoss = false
  var engine: @Sendable ([Tensor]) throws -> Tensor
  var reference: @Sendable ([Numbers]) -> Numbers

  init(
    _ name: String, _ files: String..., inputs: [Input], isLoss: Bool = false,
    engine: @escaping @Sendable ([Tensor]) throws -> Tensor,
    reference: @escaping @Sendable ([Numbers]) -> Numbers
  ) {
    (self.name, self.files, self.inputs, self.isLoss) = (name, files, inputs, isLoss)
    (self.engine, self.reference) = (engine, reference)
  }

  var testDescription: String { "\(files.joined(separator: "+")): \(name)" }
}

extension GradientCase {
  /// Compares value and gradients with the reference: all inputs tracked at once, and then each alone.
  func check() throws {
    let numbers = inputs.enumerated().map { $1.draw(UInt64($0 * 7919 + name.utf8.count)) }
    let tensors = try numbers.map { try Tensor($0.shape, $0.values.map { Float($0) }) }
    let wanted = reference(numbers)
    let value = try engine(tensors)
    #expect(value.shape == wanted.shape)
    #expect(!value.isTracked)
    expectClose(value.scalars, wanted.values, 1e-5, "value")

    let factors = Numbers.drawn(wanted.shape, 0.5...1.5, seed: 99).map { isLoss ? 1 : Double(Float($0)) }
    let trained = inputs.indices.filter { !inputs[$0].isFrozen }
    let all = try gradients(of: tensors, tracking: Set(trained), factors)
    for i in inputs.indices where inputs[i].isFrozen { #expect(all[i] == nil, "input \(i) is frozen") }
    for i in trained {
      let differences = GradientDifferences(of: { loss($0, factors) }, at: numbers, by: i)
      #expect(differences.disagreement < 1e-6, "input \(i): the differences can be trusted")
      let gradient = try #require(all[i], "a gradient for input \(i)")
      #expect(gradient.shape == inputs[i].shape)
      expectClose(differences.places.map { gradient.scalars[$0] }, differences.values, 1e-4, "gradient \(i)")
      let alone = try #require(
        try gradients(of: tensors, tracking: [i], factors)[i], "a gradient for \(i) alone")
      expectClose(alone.scalars, gradient.scalars.map { Double($0) }, 1e-5, "gradient \(i) alone")
    }
  }

  private func loss(_ inputs: [Numbers], _ factors: Numbers) -> Double {
    zip(reference(inputs).values, factors.values).reduce(0) { $0 + $1.0 * $1.1 }
  }

  private func gradients(of inputs: [Tensor], tracking: Set<Int>, _ factors: Numbers) throws -> [Tensor?] {
    let tape = Tape(checking: true)
    let y = try engine(inputs.enumerated().map { tracking.contains($0) ? tape.track($1) : $1 })
    let c = try Tensor(factors.shape, factors.values.map { Float($0) })
    let found = try tape.gradients(of: isLoss ? y : try (y * c).sum())
    return inputs.map { found[$0] }
  }

  private func expectClose(_ found: [Float], _ wanted: [Double], _ tolerance: Double, _ what: String) {
    let scale = max(1e-2, wanted.map(abs).max() ?? 0)
    let far = zip(found, wanted).map { abs(Double($0) - $1) }
    let worst = far.contains { $0.isNaN } ? Double.nan : far.max() ?? 0
    #expect(
      found.count == wanted.count && worst <= tolerance * scale,
      "\(name), \(what): off by \(worst) of \(scale)")
  }
}
