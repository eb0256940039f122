import TestSupport

@testable import Engine

extension GradientCase {
  /// What losses of preferences and policies are made of, and attention of packed rows.
  static let feedback: [GradientCase] =
    [
      GradientCase("on both sides of 0", "LogSigmoid", inputs: [Input(41, range: -12...12)]) {
        try $0[0].logSigmoid()
      } reference: {
        $0[0].map { -ReferenceFunctions.log(1 + ReferenceFunctions.exp(-$0)) }
      },
      GradientCase("inside and outside", "Clamp", inputs: [Input(40, range: 0.05...0.7, isSigned: true)]) {
        try $0[0].clamped(to: -0.3...0.4)
      } reference: {
        $0[0].map { min(max($0, -Double(Float(0.3))), Double(Float(0.4))) }
      },
      GradientCase("the larger", "Maximum", inputs: [Input(5, 6), Input(5, 6)]) {
        try $0[0].maximum($0[1])
      } reference: {
        $0[0].paired($0[1], max)
      },
      GradientCase("the smaller, by rows", "Maximum", inputs: [Input(5, 6), Input(5, 1)]) {
        try $0[0].minimum($0[1])
      } reference: {
        $0[0].paired($0[1], min)
      },
      GradientCase("a label a row", "LogProbabilities", inputs: [Input(5, 7, range: -3...3)]) {
        try $0[0].logProbabilities(of: [3, -100, 0, 6, 2])
      } reference: { x in
        let log = x[0].logSoftmax()
        return Numbers([5], [3, -100, 0, 6, 2].enumerated().map { $1 < 0 ? 0 : log.values[$0 * 7 + $1] })
      },
    ] + [true, false].flatMap { packed(causal: $0) }

  /// Two rows: a document of 2 and one of 3; filling and a document of 4.
  private static func packed(causal: Bool) -> [GradientCase] {
    let form = ReferenceAttention(heads: 2, headWidth: 3, isCausal: causal)
    let documents = [[0, 0, 1, 1, 1], [-1, 0, 0, 0, 0]]
    @Sendable func reference(
      _ q: Numbers, _ k: Numbers, _ v: Numbers, _ extra: (keys: Numbers, values: Numbers)?
    )
      -> Numbers
    {
      func part(_ row: Int, _ columns: Range<Int>) -> Numbers {
        let own = [q, k, v].map { $0.slice(axis: 0, row..<row + 1).slice(axis: 1, columns) }
        return form(own[0], own[1], own[2], extra: extra)
      }
      let first = Numbers.concat([part(0, 0..<2), part(0, 2..<5)], axis: 1)
      let second = Numbers.concat([Numbers([1, 1, 6]) { _ in 0 }, part(1, 1..<5)], axis: 1)
      return Numbers.concat([first, second], axis: 0)
    }
    @Sendable func own() -> AttentionForm {
      let mask = KeyMask(documents.map { $0.map { $0 < 0 ? 0 : 1 } }, documents: documents)
      return AttentionForm(heads: 2, headWidth: 3, isCausal: causal, mask: mask)
    }
    let name = causal ? "causal" : "both ways"
    return [
      GradientCase(
        "\(name), with a prefix", "AttentionDocuments",
        inputs: [Input(2, 5, 6), Input(2, 5, 6), Input(2, 5, 6), Input(2, 6), Input(2, 6)]
      ) { x in
        try Tensor.attention(
          q: HeadColumns(x[0]), k: HeadColumns(x[1]), v: HeadColumns(x[2]), extra: (x[3], x[4]), own())
      } reference: { x in
        reference(x[0], x[1], x[2], (x[3], x[4]))
      },
      GradientCase("\(name), of one projection", "AttentionDocuments", inputs: [Input(2, 5, 18)]) { x in
        try Tensor.attention(
          q: HeadColumns(x[0]), k: HeadColumns(x[0], column: 6), v: HeadColumns(x[0], column: 12), own())
      } reference: { x in
        let parts = [0..<6, 6..<12, 12..<18].map { x[0].slice(axis: 2, $0) }
        return reference(parts[0], parts[1], parts[2], nil)
      },
    ]
  }
}
