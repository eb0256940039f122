import TestSupport

@testable import Engine

extension GradientCase {
  /// Functions of one number, and of two with broadcasting.
  static let elementwise: [GradientCase] =
    functions
    + [
      GradientCase("by a number", "Scale", inputs: [Input(3, 5)]) {
        try $0[0].scaled(by: -0.7)
      } reference: {
        $0[0].map { $0 * Double(Float(-0.7)) }
      },
      GradientCase("a number times x", "Scale", "Multiply", inputs: [Input(7)]) {
        try 2.5 * $0[0]
      } reference: {
        $0[0].map { $0 * 2.5 }
      },
      GradientCase("by adding a number", "Scale", "Add", inputs: [Input(3, 5)]) {
        try $0[0] + 0.25
      } reference: {
        $0[0].map { $0 + 0.25 }
      },
      GradientCase("by taking a number away", "Scale", "Subtract", inputs: [Input(3, 5)]) {
        try $0[0] - 0.25
      } reference: {
        $0[0].map { $0 - 0.25 }
      },
      GradientCase("x + x", "Add", inputs: [Input(2, 3)]) {
        try $0[0] + $0[0]
      } reference: {
        $0[0].map { 2 * $0 }
      },
      GradientCase("x·x", "Multiply", inputs: [Input(2, 3)]) {
        try $0[0] * $0[0]
      } reference: {
        $0[0].map { $0 * $0 }
      },
    ] + pairs(a: [4, 5], b: [4, 5], "equal shapes") + pairs(a: [4, 5], b: [5], "a row")
    + pairs(a: [5], b: [4, 5], "a row on the left") + pairs(a: [4, 5], b: [4, 1], "a column")
    + pairs(a: [4, 5], b: [], "a scalar") + pairs(a: [2, 3, 4], b: [2, 1, 4], "a middle axis")
    + pairs(a: [4, 1], b: [1, 3], "both repeated") + pairs(a: [3, 1, 2], b: [4, 1], "different ranks")

  private static let functions: [GradientCase] = [
    function("relu", "ReLU", range: 0.1...2, isSigned: true, { try $0.relu() }, ReferenceFunctions.relu),
    function("silu", "SiLU", range: -6...6, { try $0.silu() }, ReferenceFunctions.silu),
    function("tanh form", "GELU", range: -4...4, { try $0.geluTanh() }, ReferenceFunctions.geluTanh),
    function("exact form", "GELU", range: -4...4, { try $0.gelu() }, ReferenceFunctions.gelu),
    function("tanh", "Tanh", range: -4...4, { try $0.tanh() }, ReferenceFunctions.tanh),
    function("sigmoid", "Sigmoid", range: -6...6, { try $0.sigmoid() }, ReferenceFunctions.sigmoid),
    function("exp", "ExpLog", range: -3...3, { try $0.exp() }, ReferenceFunctions.exp),
    function("log", "ExpLog", range: 0.2...4, { try $0.log() }, ReferenceFunctions.log),
  ]

  /// 41 numbers: more than two vectors and a rest.
  private static func function(
    _ name: String, _ file: String, range: ClosedRange<Double>, isSigned: Bool = false,
    _ engine: @escaping @Sendable (Tensor) throws -> Tensor,
    _ reference: @escaping @Sendable (Double) -> Double
  ) -> GradientCase {
    GradientCase(name, file, inputs: [Input(41, range: range, isSigned: isSigned)]) {
      try engine($0[0])
    } reference: {
      $0[0].map(reference)
    }
  }

  private static func pairs(a: [Int], b: [Int], _ what: String) -> [GradientCase] {
    var left = Input(), right = Input(range: 0.4...2, isSigned: true)
    (left.shape, right.shape) = (a, b)
    let inputs = [left, right]
    return [
      GradientCase(what, "Add", inputs: inputs) {
        try $0[0] + $0[1]
      } reference: {
        $0[0].paired($0[1], +)
      },
      GradientCase(what, "Subtract", inputs: inputs) {
        try $0[0] - $0[1]
      } reference: {
        $0[0].paired($0[1], -)
      },
      GradientCase(what, "Multiply", inputs: inputs) {
        try $0[0] * $0[1]
      } reference: {
        $0[0].paired($0[1], *)
      },
      GradientCase(what, "Divide", inputs: inputs) {
        try $0[0].divided(by: $0[1])
      } reference: {
        $0[0].paired($0[1], /)
      },
    ]
  }
}
