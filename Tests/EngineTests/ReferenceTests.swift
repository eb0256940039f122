import TestSupport
import Testing

/// The references themselves: the same function in Float and Double, and values known from elsewhere.
@Suite struct ReferenceTests {
  private func agree(
    _ inputs: [Numbers], _ single: ([ReferenceArray<Float>]) -> ReferenceArray<Float>,
    _ double: ([Numbers]) -> Numbers
  ) {
    let a = single(inputs.map { $0.converted(to: Float.self) }), b = double(inputs)
    #expect(a.shape == b.shape)
    let scale = b.values.map(abs).max() ?? 1
    #expect(zip(a.values, b.values).allSatisfy { abs(Double($0) - $1) <= 1e-5 * scale })
  }

  @Test func precisionsAgree() {
    let x = Numbers.drawn([2, 3, 4], -2...2, seed: 1), y = Numbers.drawn([2, 4, 3], -2...2, seed: 2)
    let w = Numbers.drawn([4], 0.5...2, seed: 3), labels: [Int32] = [1, -100, 3, 0, 2, 2]
    agree([x, y], { $0[0].matmul($0[1]) }, { $0[0].matmul($0[1]) })
    agree(
      [x, w], { $0[0].layerNorm($0[1], $0[1], epsilon: 1e-5) },
      { $0[0].layerNorm($0[1], $0[1], epsilon: 1e-5) })
    agree([x, w], { $0[0].rmsNorm($0[1], epsilon: 1e-5) }, { $0[0].rmsNorm($0[1], epsilon: 1e-5) })
    agree([x], { $0[0].softmax() }, { $0[0].softmax() })
    agree(
      [x], { $0[0].reshaped([6, 4]).crossEntropy(labels) }, { $0[0].reshaped([6, 4]).crossEntropy(labels) })
    agree([x], { $0[0].map(ReferenceFunctions.gelu) }, { $0[0].map(ReferenceFunctions.gelu) })
    let heads = ReferenceAttention(heads: 2, headWidth: 2, isCausal: true)
    agree([x], { heads($0[0], $0[0], $0[0]) }, { heads($0[0], $0[0], $0[0]) })
  }

  @Test func knownValues() {
    #expect(abs(ReferenceFunctions.gelu(1.0) - 0.8413447460685429) < 1e-12)
    #expect(abs(ReferenceFunctions.geluTanh(1.0) - 0.8411919906082768) < 1e-12)
    #expect(ReferenceFunctions.sigmoid(0.0) == 0.5)
    let even = Numbers([1, 4], [0, 0, 0, 0])
    #expect(even.softmax().values == [0.25, 0.25, 0.25, 0.25])
    #expect(abs(even.crossEntropy([2]).values[0] - 1.3862943611198906) < 1e-12)
    #expect(
      Numbers([2, 2], [1, 2, 3, 4]).matmul(Numbers([2, 2], [5, 6, 7, 8])).values == [19, 22, 43, 50])
    #expect(Numbers([2, 3], [1, 2, 3, 4, 5, 6]).transposed().values == [1, 4, 2, 5, 3, 6])
    #expect(Numbers([2, 3], [1, 2, 3, 4, 5, 6]).sum(axes: [0]).values == [5, 7, 9])
  }
}
