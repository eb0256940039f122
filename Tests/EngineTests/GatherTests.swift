import Testing

@testable import Engine

/// Rows looked up by index, where tasks share them out.
@Suite struct GatherTests {
  /// Numbers that are all different.
  private func counted(_ shape: [Int]) throws -> Tensor {
    try Tensor(shape, (0..<shape.reduce(1, *)).map { Float($0 % 8191) })
  }

  @Test("the gradient of many rows in ascending order stands at their places, and 0 everywhere else")
  func ascending() throws {
    let (length, width) = (3000, 37)
    for skips in [[3, 7], [1], [2999, 1, 5]] {
      var indices: [Int] = [], next = skips[0] - 1
      while next < length {
        indices.append(next)
        next += skips[indices.count % skips.count]
      }
      let tape = Tape(), table = tape.track(try counted([length, width]))
      let rows = try table.gather(indices), weights = try counted([indices.count, width])
      let gradient = try #require(try tape.gradients(of: (rows * weights).sum())[table]).scalars
      var wanted = [Float](repeating: 0, count: length * width)
      for (i, row) in indices.enumerated() {
        for j in 0..<width { wanted[row * width + j] = Float((i * width + j) % 8191) }
      }
      #expect(gradient == wanted, "\(skips)")
    }
  }

  @Test("rows of a long list are those of the table, in any order and format")
  func rows() throws {
    let (length, width) = (700, 41), table = try counted([length, width])
    let indices = (0..<5000).map { $0 * 613 % length }
    for format in [Storage.Format.f32, .bf16, .f16] {
      let packed = table.packed(as: format), all = packed.scalars
      let found = try packed.gather(indices).scalars
      #expect(found == indices.flatMap { all[$0 * width..<($0 + 1) * width] }, "\(format)")
    }
  }
}
