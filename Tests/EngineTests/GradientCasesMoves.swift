import Foundation
import TestSupport

@testable import Engine

extension GradientCase {
  /// Reductions, and numbers that change their places.
  static let moves: [GradientCase] =
    reductions + [
      GradientCase("a range of rows", "Slice", inputs: [Input(5, 3)]) {
        try $0[0].slice(axis: 0, 1..<4)
      } reference: {
        $0[0].slice(axis: 0, 1..<4)
      },
      GradientCase("a range of columns", "Slice", inputs: [Input(3, 5)]) {
        try $0[0].slice(axis: 1, 2..<5)
      } reference: {
        $0[0].slice(axis: 1, 2..<5)
      },
      GradientCase("a middle axis", "Slice", inputs: [Input(2, 4, 3)]) {
        try $0[0].slice(axis: 1, 1..<3)
      } reference: {
        $0[0].slice(axis: 1, 1..<3)
      },
      GradientCase("columns in blocks", "Slice", inputs: [Input(3, 12)]) {
        try $0[0].slice(axis: 1, Columns(first: 1, width: 2, blocks: 3, stride: 4))
      } reference: { x in
        Numbers.concat((0..<3).map { x[0].slice(axis: 1, 4 * $0 + 1..<4 * $0 + 3) }, axis: 1)
      },
      GradientCase("rows in blocks replaced", "Concat", inputs: [Input(6, 2), Input(2, 2)]) {
        try $0[0].replacing(axis: 0, Columns(first: 1, width: 1, blocks: 2, stride: 3), with: $0[1])
      } reference: { x in
        func row(_ i: Int, _ t: Int) -> Numbers { x[i].slice(axis: 0, t..<t + 1) }
        return Numbers.concat([row(0, 0), row(1, 0), row(0, 2), row(0, 3), row(1, 1), row(0, 5)], axis: 0)
      },
      GradientCase("parts joined in blocks", "Concat", inputs: [Input(2, 4), Input(2, 2)]) {
        let columns = [(0, 2), (2, 1)].map { Columns(first: $0, width: $1, blocks: 2, stride: 3) }
        return try Tensor.joined($0, at: columns, axis: 1)
      } reference: { x in
        func column(_ i: Int, _ from: Int, _ n: Int) -> Numbers { x[i].slice(axis: 1, from..<from + n) }
        return Numbers.concat([column(0, 0, 2), column(1, 0, 1), column(0, 2, 2), column(1, 1, 1)], axis: 1)
      },
      GradientCase("turned by rotary positions", "Rotary", inputs: [Input(2, 3, 8)]) {
        let angles = RotaryAngles([[0, 1, 5], [2, 3, 4]], frequencies: [1, 0.25], factor: 1.5)
        return try $0[0].rotated(by: angles, headWidth: 4)
      } reference: { x in
        let places = [0, 1, 5, 2, 3, 4], frequencies = [1, 0.25]
        return Numbers([2, 3, 8]) { index in
          let row = index[0] * 3 + index[1], at = index[2] % 4, head = index[2] - at
          let angle = Double(places[row]) * frequencies[at % 2]
          let other = x[0][row, head + (at + 2) % 4]
          return 1.5 * (x[0][row, index[2]] * cos(angle) + (at < 2 ? -1 : 1) * other * sin(angle))
        }
      },
      GradientCase("overlapping slices", "Slice", "Multiply", inputs: [Input(6, 2)]) {
        try $0[0].slice(axis: 0, 0..<4) * $0[0].slice(axis: 0, 2..<6)
      } reference: {
        $0[0].slice(axis: 0, 0..<4).paired($0[0].slice(axis: 0, 2..<6), *)
      },
      GradientCase("reshape", "Reshape", inputs: [Input(4, 6)]) {
        try $0[0].reshaped([2, 3, 4])
      } reference: {
        $0[0].reshaped([2, 3, 4])
      },
      GradientCase("transpose", "Reshape", inputs: [Input(2, 3, 4)]) {
        try $0[0].transposed()
      } reference: {
        $0[0].transposed()
      },
      GradientCase("permute", "Reshape", inputs: [Input(2, 3, 4)]) {
        try $0[0].permuted([2, 0, 1])
      } reference: {
        $0[0].permuted([2, 0, 1])
      },
      GradientCase("first axis", "Concat", inputs: [Input(2, 3), Input(1, 3), Input(3, 3)]) {
        try Tensor.concat($0, axis: 0)
      } reference: {
        Numbers.concat($0, axis: 0)
      },
      GradientCase(
        "last axis, one frozen", "Concat", inputs: [Input(2, 3), Input(2, 2, isFrozen: true), Input(2, 1)]
      ) {
        try Tensor.concat($0, axis: 1)
      } reference: {
        Numbers.concat($0, axis: 1)
      },
      GradientCase("the same part twice", "Concat", inputs: [Input(2, 2, 3)]) {
        try Tensor.concat([$0[0], $0[0]], axis: 1)
      } reference: {
        Numbers.concat([$0[0], $0[0]], axis: 1)
      },
      GradientCase("repeated rows", "Gather", inputs: [Input(4, 3)]) {
        try $0[0].gather([2, 0, 2, 2, 3], shape: [5, 1])
      } reference: {
        $0[0].gather([2, 0, 2, 2, 3]).reshaped([5, 1, 3])
      },
      GradientCase("rows in order", "Gather", inputs: [Input(5, 3)]) {
        try $0[0].gather([1, 2, 4])
      } reference: {
        $0[0].gather([1, 2, 4])
      },
      GradientCase("a fixed mask", "Dropout", inputs: [Input(6, 5)]) {
        try $0[0].dropout(0.4, Chance(seed: 5), purpose: "case", step: 3)
      } reference: { x in
        let draws = Chance(seed: 5).uniform([6, 5], purpose: "case", step: 3).scalars
        return Numbers(
          x[0].shape, zip(x[0].values, draws).map { $1 >= 0.4 ? $0 / (1 - Double(Float(0.4))) : 0 })
      },
    ]

  private static let reductions: [GradientCase] = [
    reduction([2, 3, 4], nil, keep: false), reduction([2, 3, 4], nil, keep: true),
    reduction([2, 3, 4], [0], keep: false), reduction([2, 3, 4], [1], keep: true),
    reduction([2, 3, 4], [-1], keep: false), reduction([2, 3, 4], [0, 2], keep: true),
    reduction([2, 3, 1], [2], keep: false), reduction([], nil, keep: false),
  ].flatMap { $0 }

  private static func reduction(_ shape: [Int], _ axes: [Int]?, keep: Bool) -> [GradientCase] {
    var input = Input()
    input.shape = shape
    let name = "\(shape) over \(axes.map { "\($0)" } ?? "all")\(keep ? ", kept" : "")"
    return [
      GradientCase("sum of " + name, "Reduce", inputs: [input]) {
        try $0[0].sum(axes: axes, keep: keep)
      } reference: {
        $0[0].sum(axes: axes, keep: keep)
      },
      GradientCase("mean of " + name, "Reduce", inputs: [input]) {
        try $0[0].mean(axes: axes, keep: keep)
      } reference: {
        $0[0].mean(axes: axes, keep: keep)
      },
    ]
  }
}
