import TestSupport

@testable import Engine

extension GradientCase {
  /// Matrix products and linear layers.
  static let products: [GradientCase] =
    matmuls
    + [
      GradientCase("without bias", "Linear", inputs: [Input(2, 3, 4), Input(5, 4)]) {
        try $0[0].linear($0[1])
      } reference: {
        $0[0].linear($0[1])
      },
      GradientCase("with bias", "Linear", inputs: [Input(2, 3, 4), Input(5, 4), Input(5)]) {
        try $0[0].linear($0[1], bias: $0[2])
      } reference: {
        $0[0].linear($0[1]).paired($0[2], +)
      },
      GradientCase("a bias of many rows", "Linear", inputs: [Input(1, 70, 1), Input(256, 1), Input(256)]) {
        try $0[0].linear($0[1], bias: $0[2])
      } reference: {
        $0[0].linear($0[1]).paired($0[2], +)
      },
      GradientCase("through BLAS", "Linear", inputs: [Input(19, 18), Input(21, 18), Input(21)]) {
        try $0[0].linear($0[1], bias: $0[2])
      } reference: {
        $0[0].linear($0[1]).paired($0[2], +)
      },
      GradientCase(
        "frozen weight and bias", "Linear",
        inputs: [Input(3, 4), Input(5, 4, isFrozen: true), Input(5, isFrozen: true)]
      ) {
        try $0[0].linear($0[1], bias: $0[2])
      } reference: {
        $0[0].linear($0[1]).paired($0[2], +)
      },
      GradientCase("a packed weight", "Linear", inputs: [Input(3, 4), Input(5, 4, isFrozen: true)]) {
        try $0[0].linear($0[1].packed(as: .f16))
      } reference: {
        $0[0].linear($0[1].map { Double(Float16($0)) })
      },
      GradientCase("rows of a shared weight", "Linear", "Slice", inputs: [Input(3, 4), Input(9, 4)]) {
        try $0[0].linear($0[1].slice(axis: 0, 0..<5)) + $0[0].linear($0[1].slice(axis: 0, 4..<9))
      } reference: {
        $0[0].linear($0[1].slice(axis: 0, 0..<5)).paired($0[0].linear($0[1].slice(axis: 0, 4..<9)), +)
      },
    ] + lowRank

  private static let lowRank: [GradientCase] = [
    GradientCase(
      "a low-rank term on a frozen weight", "Linear",
      inputs: [Input(3, 4), Input(5, 4, isFrozen: true), Input(2, 4), Input(5, 2)]
    ) {
      try $0[0].linear($0[1], terms: [LowRankTerm(a: $0[2], b: $0[3], scale: 0.5)])
    } reference: {
      $0[0].linear($0[1]).paired(low($0[0], $0[2], $0[3], 0.5), +)
    },
    GradientCase(
      "two terms, a bias, everything trained", "Linear",
      inputs: [Input(3, 4), Input(5, 4), Input(5), Input(2, 4), Input(5, 2), Input(3, 4), Input(5, 3)]
    ) {
      let terms = [
        LowRankTerm(a: $0[3], b: $0[4], scale: 0.5), LowRankTerm(a: $0[5], b: $0[6], scale: -1.25),
      ]
      return try $0[0].linear($0[1], bias: $0[2], terms: terms)
    } reference: {
      $0[0].linear($0[1]).paired($0[2], +).paired(low($0[0], $0[3], $0[4], 0.5), +).paired(
        low($0[0], $0[5], $0[6], -1.25), +)
    },
    GradientCase(
      "a term that writes some columns and reads another input", "Linear",
      inputs: [
        Input(3, 4), Input(6, 4, isFrozen: true), Input(2, 4), Input(2, 2), Input(3, 4), Input(1, 4),
        Input(6, 1),
      ]
    ) {
      let terms = [
        LowRankTerm(a: $0[2], b: $0[3], scale: 2, input: $0[4], columns: 3..<5),
        LowRankTerm(a: $0[5], b: $0[6], scale: 0.75),
      ]
      return try $0[0].linear($0[1], terms: terms)
    } reference: {
      let part = low($0[4], $0[2], $0[3], 2)
      let zeros = Numbers([3, 3], { _ in 0 }), end = Numbers([3, 1], { _ in 0 })
      return $0[0].linear($0[1]).paired(Numbers.concat([zeros, part, end], axis: 1), +)
        .paired(low($0[0], $0[5], $0[6], 0.75), +)
    },
    GradientCase(
      "a term through BLAS", "Linear",
      inputs: [Input(2, 20, 18), Input(36, 18, isFrozen: true), Input(17, 18), Input(18, 17)]
    ) {
      try $0[0].linear($0[1], terms: [LowRankTerm(a: $0[2], b: $0[3], scale: 0.5, columns: 0..<18)])
    } reference: {
      let zeros = Numbers([2, 20, 18], { _ in 0 })
      return $0[0].linear($0[1]).paired(Numbers.concat([low($0[0], $0[2], $0[3], 0.5), zeros], axis: 2), +)
    },
  ]

  @Sendable private static func low(_ x: Numbers, _ a: Numbers, _ b: Numbers, _ scale: Double) -> Numbers {
    x.linear(a).linear(b).map { scale * $0 }
  }

  private static let matmuls: [GradientCase] = [
    matmul([3, 4], [4, 5]), matmul([2, 3, 4], [2, 4, 5]), matmul([2, 2, 3, 4], [2, 2, 4, 2]),
    matmul([2, 3, 4], [4, 5]), matmul([18, 19], [19, 20]), matmul([1, 1], [1, 1]),
  ].flatMap { $0 }

  /// All four forms; the shapes are those of the factors as the formula reads them.
  private static func matmul(_ a: [Int], _ b: [Int]) -> [GradientCase] {
    [(false, false), (false, true), (true, false), (true, true)].map { (turnsA, turnsB) in
      func turned(_ shape: [Int]) -> [Int] {
        shape.dropLast(2) + [shape[shape.count - 1], shape[shape.count - 2]]
      }
      var left = Input(), right = Input()
      left.shape = turnsA ? turned(a) : a
      right.shape = turnsB ? turned(b) : b
      let name = "\(left.shape)\(turnsA ? "ᵀ" : "")·\(right.shape)\(turnsB ? "ᵀ" : "")"
      return GradientCase(name, "MatMul", inputs: [left, right]) {
        try $0[0].matmul($0[1], transposed: turnsB, transposedSelf: turnsA)
      } reference: {
        (turnsA ? $0[0].transposed() : $0[0]).matmul(turnsB ? $0[1].transposed() : $0[1])
      }
    }
  }
}
