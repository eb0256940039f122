import Testing

@testable import Engine

/// The token that is being made, against weights as they are kept: the same numbers as by unpacked weights.
@Suite(.serialized) struct FewRowsTests {
  private let chance = Chance(seed: 21)

  private func forms(_ w: Tensor) throws -> [(String, Tensor)] {
    var forms = [("bf16", w.packed(as: .bf16)), ("f16", w.packed(as: .f16))]
    if w.count % 2 == 0 {
      forms.append(("nf4", try w.packed(as: .init(.nf4, block: 8, double: true))))
      forms.append(("nf4, rounding", try w.packed(as: .init(.nf4, block: 8, double: false)).rounding(true)))
    }
    return forms
  }

  @Test(arguments: [[1, 5, 7], [1, 130, 64], [2, 33, 24], [4, 67, 50], [3, 9, 96]])
  func packedWeightsAreReadAsTheyAre(_ sizes: [Int]) throws {
    let (rows, out, width) = (sizes[0], sizes[1], sizes[2])
    let x = chance.normal([rows, width], purpose: "x \(sizes)"), b = chance.normal([out], purpose: "b")
    let w = chance.normal([out, width], purpose: "w \(sizes)")
    for (name, packed) in try forms(w) {
      #expect(FewRows.pay(rows: rows, packed.storage.format) && !FewRows.pay(rows: rows, .f32))
      let found = try x.linear(packed, bias: b)
      // The same rows among many others go through the product for many rows.
      let many = try Tensor.concat([x, chance.normal([12, width], purpose: "more")], axis: 0)
      #expect(!FewRows.pay(rows: rows + 12, packed.storage.format))
      let wanted = try many.linear(packed, bias: b).slice(axis: 0, 0..<rows)
      let most = wanted.scalars.map(abs).max() ?? 1
      #expect(try found.largestDifference(from: wanted) < 2e-6 * max(1, most), "\(name) \(sizes)")
    }
  }

  @Test func bitsDoNotDependOnThreads() throws {
    let x = chance.normal([1, 512], purpose: "x"), w = chance.normal([1030, 512], purpose: "w")
    let before = Threads.shared.count
    defer { Threads.shared.count = before }
    for (name, packed) in try forms(w) {
      let hashes = try [1, 2, 3].map { count in
        Threads.shared.count = count
        return try x.linear(packed).hash()
      }
      #expect(Set(hashes).count == 1, "\(name)")
    }
  }
}
