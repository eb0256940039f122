import Engine
import Methods
import Options
import Testing

@testable import Networks

/// Several attachments on one model: rows with one each, and weighted sums.
struct ManyAtOnceTests {
  /// Each row of a mixed batch is what the whole batch is with that row's attachment alone.
  @Test func everyRowHasItsOwn() throws {
    let model = try TinyGPT.random()
    let kinds: [(String, [String])] = [
      ("lora", ["attn.q", "mlp.up", "embed"]), ("dora", []), ("pissa", ["attn.v", "mlp.down"]), ("ia3", []),
    ]
    let all = try kinds.map { name, on in
      var placement = Networks.Attachment.Placement()
      placement.on = on
      return try model.attach(name, as: name + "1", at: placement)
    }
    for one in all { try one.stir() }
    let input = try TinyGPT.input(TinyGPT.batch())
    let rows: [String?] = ["lora1", nil, "ia31", "pissa1", "lora1", "dora1"]
    let pass = Pass()
    pass.rows = rows
    let mixed = try model.logits(input, pass)
    for (row, name) in rows.enumerated() {
      for one in all { one.isOn = one.name == name }
      let alone = try model.logits(input, Pass()).slice(axis: 0, row..<row + 1)
      let difference = try mixed.slice(axis: 0, row..<row + 1).largestDifference(from: alone)
      #expect(difference < 1e-5 * alone.most, "row \(row), \(name ?? "base")")
    }
    let texts = try model.generate([[1, 2], [1, 2]], count: 4, attachments: ["lora1", nil])
    for one in all { one.isOn = one.name == "lora1" }
    #expect(
      try texts == [
        model.generate([[1, 2]], count: 4)[0], model.generate([[1, 2]], count: 4, isBase: true)[0],
      ])
  }

  @Test func whatRowsWouldShareIsRefused() throws {
    let model = try TinyGPT.random(), lora = try model.attach("lora"), prompt = try model.attach("prompt")
    func refusal(_ rows: [String?], _ pass: Pass = Pass()) -> Failure? {
      pass.rows = rows
      return #expect(throws: Failure.self) { try model.logits(Input([[1, 2], [3, 4]]), pass) }
    }
    #expect(refusal(["lora"])?.what.contains("2 rows") == true)
    #expect(refusal(["lora", "lroa"])?.cure.contains("lora") == true)
    #expect(refusal(["lora", "prompt"])?.what.contains("prompt adds") == true)
    #expect(refusal(["lora", nil], Pass(tape: Tape()))?.what.contains("inference") == true)
    try prompt.detach(from: model)
    try lora.stir()
    try lora.fold(model)
    #expect(refusal(["lora", nil])?.cure == "unmerge lora")
    try lora.unfold(model)
    let bitfit = try model.attach("bitfit")
    #expect(refusal(["lora", nil])?.cure == "off bitfit")
    bitfit.isOn = false
    let pass = Pass()
    pass.rows = ["lora", nil]
    #expect(try model.logits(Input([[1, 2], [3, 4]]), pass).isFinite)
  }

  private func parts() -> [WeightedSum.Part] {
    zip([0.7, -0.4], ["a", "b"]).map { weight, name in
      let chance = Chance(seed: 3)
      let a = chance.normal([4, 20], purpose: name + "A"), b = chance.normal([12, 4], purpose: name + "B")
      return (Float(weight), LowRankTerm(a: a, b: b, scale: name == "a" ? 2 : 0.5))
    }
  }

  @Test func threeWaysOfAddingUp() throws {
    let parts = parts(), exact = try WeightedSum.exact(parts)
    func error(_ how: WeightedSum, _ rank: Int? = nil) throws -> Float {
      let (a, b) = try how.factors(of: parts, rank: rank)
      return try (b.matmul(a) - exact).norm / exact.norm
    }
    #expect(try error(.cat) < 1e-6)
    #expect(try error(.svd, 8) < 1e-5)
    let nearest = try error(.svd), linear = try error(.linear)
    #expect(nearest > 0.01 && nearest < linear && linear > 0.3)
    // No matrix of rank 4 is nearer: what is left are the other singular values.
    let rest = try exact.singularValues()[4...].reduce(Float(0)) { $0 + $1 * $1 }.squareRoot()
    #expect(abs(nearest * exact.norm - rest) < 1e-4 * exact.norm)
    // peft's formula, term by term.
    let (a, b) = try WeightedSum.linear.factors(of: parts)
    let roots = [(0.7 * 2 as Float).squareRoot(), (0.4 * 0.5 as Float).squareRoot()]
    let wantedA = try parts[0].change.a.scaled(by: roots[0]) - parts[1].change.a.scaled(by: roots[1])
    let wantedB = try parts[0].change.b.scaled(by: roots[0]) + parts[1].change.b.scaled(by: roots[1])
    #expect(try a.largestDifference(from: wantedA) < 1e-6 && b.largestDifference(from: wantedB) < 1e-6)
  }

  @Test func differentRanksDoNotAddFactorByFactor() throws {
    var parts = parts()
    parts[1].change.a = Chance(seed: 4).normal([3, 20], purpose: "A")
    parts[1].change.b = Chance(seed: 4).normal([12, 3], purpose: "B")
    let failure = #expect(throws: Failure.self) { try WeightedSum.linear.factors(of: parts) }
    #expect(failure?.what.contains("4, 3") == true)
    #expect(try WeightedSum.cat.factors(of: parts).a.shape == [7, 20])
    #expect(try WeightedSum.svd.factors(of: parts).a.shape == [4, 20])
  }
}
