import TestSupport

@testable import Engine

extension GradientCase {
  /// Softmax, norms and losses: what works row by row.
  static let rows: [GradientCase] =
    losses + [
      GradientCase("softmax", "Softmax", inputs: [Input(2, 3, 5, range: -4...4)]) {
        try $0[0].softmax()
      } reference: {
        $0[0].softmax()
      },
      GradientCase("softmax of long rows", "Softmax", inputs: [Input(2, 37, range: -8...8)]) {
        try $0[0].softmax()
      } reference: {
        $0[0].softmax()
      },
      GradientCase("logSoftmax", "Softmax", inputs: [Input(3, 19, range: -8...8)]) {
        try $0[0].logSoftmax()
      } reference: {
        $0[0].logSoftmax()
      },
      GradientCase("layerNorm", "Norms", inputs: [Input(2, 3, 6), Input(6), Input(6)]) {
        try $0[0].layerNorm(weight: $0[1], bias: $0[2])
      } reference: {
        $0[0].layerNorm($0[1], $0[2], epsilon: 1e-5)
      },
      GradientCase(
        "layerNorm, frozen weight", "Norms", inputs: [Input(3, 35), Input(35, isFrozen: true), Input(35)]
      ) {
        try $0[0].layerNorm(weight: $0[1], bias: $0[2], epsilon: 1e-3)
      } reference: {
        $0[0].layerNorm($0[1], $0[2], epsilon: 1e-3)
      },
      GradientCase("layerNorm of many rows", "Norms", inputs: [Input(70, 4), Input(4), Input(4)]) {
        try $0[0].layerNorm(weight: $0[1], bias: $0[2], epsilon: 0.1)
      } reference: {
        $0[0].layerNorm($0[1], $0[2], epsilon: 0.1)
      },
      GradientCase(
        "layerNorm, weight and bias as one row", "Norms", inputs: [Input(3, 4), Input(1, 4), Input(1, 4)]
      ) {
        try $0[0].layerNorm(weight: $0[1].transposed().transposed(), bias: $0[2])
      } reference: {
        $0[0].layerNorm($0[1], $0[2], epsilon: 1e-5)
      },
      GradientCase("scale and shift", "ScaleShift", inputs: [Input(2, 3, 6), Input(6), Input(6)]) {
        try $0[0].scaledAndShifted($0[1], $0[2])
      } reference: {
        $0[0].scaledAndShifted($0[1], $0[2])
      },
      GradientCase("scale alone, of many rows", "ScaleShift", inputs: [Input(70, 5), Input(5)]) {
        try $0[0].scaledAndShifted($0[1])
      } reference: {
        $0[0].scaledAndShifted($0[1], Numbers([5], [0, 0, 0, 0, 0]))
      },
      GradientCase("a frozen scale", "ScaleShift", inputs: [Input(3, 4), Input(4, isFrozen: true), Input(4)])
      {
        try $0[0].scaledAndShifted($0[1], $0[2])
      } reference: {
        $0[0].scaledAndShifted($0[1], $0[2])
      },
      GradientCase("rmsNorm", "Norms", inputs: [Input(2, 3, 6), Input(6)]) {
        try $0[0].rmsNorm(weight: $0[1])
      } reference: {
        $0[0].rmsNorm($0[1], epsilon: 1e-6)
      },
      GradientCase("rmsNorm, frozen weight", "Norms", inputs: [Input(3, 35), Input(35, isFrozen: true)]) {
        try $0[0].rmsNorm(weight: $0[1], epsilon: 1e-2)
      } reference: {
        $0[0].rmsNorm($0[1], epsilon: 1e-2)
      },
    ]

  private static let labels: [Int32] = [3, -100, 0, 6, -100]

  private static let losses: [GradientCase] = [true, false].flatMap { isLoss in
    [
      GradientCase("ignored labels", "CrossEntropy", inputs: [Input(5, 7, range: -3...3)], isLoss: isLoss) {
        try $0[0].crossEntropy(labels).loss
      } reference: {
        $0[0].crossEntropy(labels)
      },
      GradientCase("no label counts", "CrossEntropy", inputs: [Input(2, 3)], isLoss: isLoss) {
        try $0[0].crossEntropy([-100, -100]).loss
      } reference: {
        $0[0].crossEntropy([-100, -100])
      },
      GradientCase("a head", "LinearCrossEntropy", inputs: [Input(5, 4), Input(7, 4)], isLoss: isLoss) {
        try $0[0].linearCrossEntropy($0[1], labels).loss
      } reference: {
        $0[0].linear($0[1]).crossEntropy(labels)
      },
      GradientCase(
        "a frozen head", "LinearCrossEntropy", inputs: [Input(5, 4), Input(7, 4, isFrozen: true)],
        isLoss: isLoss
      ) {
        try $0[0].linearCrossEntropy($0[1], labels).loss
      } reference: {
        $0[0].linear($0[1]).crossEntropy(labels)
      },
      GradientCase(
        "a head in two blocks", "LinearCrossEntropy", inputs: [Input(260, 2), Input(3, 2)], isLoss: isLoss
      ) {
        try $0[0].linearCrossEntropy($0[1], (0..<260).map { Int32($0 % 4 - 1) }).loss
      } reference: {
        $0[0].linear($0[1]).crossEntropy((0..<260).map { Int32($0 % 4 - 1) })
      },
      GradientCase(
        "a fixed target", "MeanSquaredError", inputs: [Input(3, 4), Input(3, 4, isFrozen: true)],
        isLoss: isLoss
      ) {
        try $0[0].meanSquaredError($0[1])
      } reference: {
        $0[0].paired($0[1]) { ($0 - $1) * ($0 - $1) }.mean()
      },
    ]
  }
}
