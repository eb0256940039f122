import Testing

@testable import Engine

extension EngineTests {
  /// Shapes that do not meet are errors with a message, never a trap.
  @Suite struct ShapeTests {
    init() { EngineTests.oneThread }

    private func refuses(_ op: String, _ place: SourceLocation = #_sourceLocation, _ body: () throws -> Any?)
    {
      do {
        _ = try body()
        Issue.record("\(op) took it", sourceLocation: place)
      } catch let error as EngineError {
        guard case .shapes(let named, let message) = error else {
          Issue.record("\(error)", sourceLocation: place)
          return
        }
        #expect(named == op && !message.isEmpty, sourceLocation: place)
        #expect("\(error)" == "\(op): \(message)", sourceLocation: place)
      } catch { Issue.record("\(error)", sourceLocation: place) }
    }

    private func ones(_ shape: Int...) -> Tensor { .filled(shape, 1) }

    @Test func tensorsMustFitTheirNumbers() throws {
      refuses("tensor") { try Tensor([2, 3], [1, 2]) }
      refuses("tensor") { try Tensor([-1, -2], [1, 2]) }
      refuses("tensor") { try Tensor([.max, 4], [1]) }
      refuses("tensor") { try Tensor([.max, 0, 2], []) }
      refuses("tensor") { try Tensor([-1, 0], []) }
      let memory = ones(6).storage
      refuses("tensor") { try Tensor([7], in: memory) }
      refuses("tensor") { try Tensor([3], in: memory, offset: 4) }
      refuses("tensor") { try Tensor([3], in: memory, offset: -1) }
      refuses("tensor") { try Tensor([3], in: memory, offset: .max) }
      refuses("tensor") { try Tensor([-1], in: memory) }
      refuses("tensor") { try Tensor([.max, .max], in: memory) }
      #expect(try Tensor([0], []).scalars == [] && Tensor([3], in: memory, offset: 3).count == 3)
      #expect(try Tensor([1_000, 0], []).rows == 1_000, "no numbers, however many rows")
      refuses("difference") { try ones(2).largestDifference(from: ones(1, 2)) }
      #expect(ones(2).item.isNaN && ones(1).item == 1)
    }

    @Test func differencesShowNaN() throws {
      let bad = try Tensor([3], [1, .nan, 1])
      #expect(try bad.largestDifference(from: ones(3)).isNaN)
      #expect(try ones(3).largestDifference(from: try Tensor([3], [1, -1, 1])) == 2)
    }

    @Test func products() {
      refuses("matmul") { try ones(2, 3).matmul(ones(2, 3)) }
      refuses("matmul") { try ones(3).matmul(ones(3, 3)) }
      refuses("matmul") { try ones(2, 2, 3).matmul(ones(3, 3, 2)) }
      refuses("matmul") { try ones(2, 3).matmul(ones(2, 3, 2)) }
      refuses("linear") { try ones(2, 3).linear(ones(4, 2)) }
      refuses("linear") { try ones(2, 3).linear(ones(3)) }
      refuses("linear") { try ones(2, 3).linear(ones(4, 3), bias: ones(3)) }
      func term(_ a: Tensor, _ b: Tensor, _ input: Tensor? = nil, _ columns: Range<Int>? = nil) {
        let term = LowRankTerm(a: a, b: b, scale: 1, input: input, columns: columns)
        refuses("linear") { try ones(2, 3).linear(ones(4, 3), terms: [term]) }
      }
      term(ones(2, 4), ones(4, 2))
      term(ones(2, 3), ones(3, 2))
      term(ones(2, 3), ones(4, 1))
      term(ones(3), ones(4, 3))
      term(ones(2, 3), ones(4, 2), ones(3, 3))
      term(ones(2, 3), ones(2, 2), nil, 3..<5)
      term(ones(2, 3), ones(2, 2), nil, -1..<1)
    }

    @Test func elementwise() {
      refuses("add") { try ones(2, 3) + ones(2) }
      refuses("subtract") { try ones(2, 3) - ones(4, 3) }
      refuses("multiply") { try ones(2, 1, 3) * ones(2, 2) }
      refuses("divide") { try ones(0).divided(by: ones(2)) }
      refuses("sum") { try ones(2, 3).sum(axes: [2]) }
      refuses("sum") { try ones(2, 3).mean(axes: [-3]) }
      refuses("dropout") { try ones(2).dropout(1, Chance(seed: 1), purpose: "", step: 0) }
    }

    @Test func moves() {
      refuses("reshape") { try ones(2, 3).reshaped([4]) }
      refuses("reshape") { try ones(2, 3).reshaped([-2, -3]) }
      refuses("reshape") { try ones(2, 3).reshaped([.max, 8]) }
      refuses("transpose") { try ones(2).transposed() }
      refuses("permute") { try ones(2, 3).permuted([0, 0]) }
      refuses("permute") { try ones(2, 3).permuted([0]) }
      refuses("slice") { try ones(2, 3).slice(axis: 2, 0..<1) }
      refuses("slice") { try ones(2, 3).slice(axis: -1, 0..<1) }
      refuses("slice") { try ones(2, 3).slice(axis: 1, -1..<1) }
      refuses("slice") { try ones(2, 3).slice(axis: 0, 1..<3) }
      refuses("concat") { try Tensor.concat([], axis: 0) }
      refuses("concat") { try Tensor.concat([ones(2), ones(2)], axis: 1) }
      refuses("concat") { try Tensor.concat([ones(2), ones(2, 1)], axis: 0) }
      refuses("concat") { try Tensor.concat([ones(2, 3), ones(2, 2)], axis: 0) }
      refuses("gather") { try ones(4, 2).gather([0, 4]) }
      refuses("gather") { try ones(4, 2).gather([-1]) }
      refuses("gather") { try ones(4).gather([0]) }
      refuses("gather") { try ones(4, 2).gather([0, 1], shape: [3]) }
      refuses("gather") { try ones(4, 2).gather([0, 1], shape: [-1, -2]) }
      refuses("gather") { try ones(4, 2).gather([0, 1], shape: [.max, 4]) }
    }

    @Test func rowsAndLosses() {
      refuses("scaleShift") { try ones(2, 3).scaledAndShifted(ones(2)) }
      refuses("scaleShift") { try ones(2, 3).scaledAndShifted(ones(3), ones(4)) }
      refuses("layerNorm") { try ones(2, 3).layerNorm(weight: ones(2), bias: ones(3)) }
      refuses("layerNorm") { try ones(2, 3).layerNorm(weight: ones(3), bias: ones(4)) }
      refuses("rmsNorm") { try ones(2, 3).rmsNorm(weight: ones(2)) }
      refuses("crossEntropy") { try ones(2, 3).crossEntropy([0]) }
      refuses("crossEntropy") { try ones(2, 3).crossEntropy([0, 3]) }
      refuses("linearCrossEntropy") { try ones(2, 3).linearCrossEntropy(ones(4, 2), [0, 1]) }
      refuses("linearCrossEntropy") { try ones(2, 3).linearCrossEntropy(ones(3), [0, 1]) }
      refuses("crossEntropy") { try ones(2, 3).linearCrossEntropy(ones(4, 3), [0, 4]) }
      refuses("meanSquaredError") { try ones(2).meanSquaredError(ones(2, 1)) }
    }

    @Test func attention() {
      func attend(
        _ q: Tensor, _ k: Tensor, column: Int = 0, extra: (keys: Tensor, values: Tensor)? = nil,
        bias: Tensor? = nil, _ change: (inout AttentionForm) -> Void = { _ in }
      ) {
        var form = AttentionForm(heads: 2, headWidth: 2, isCausal: true)
        change(&form)
        refuses("attention") {
          try Tensor.attention(
            q: HeadColumns(q, column: column), k: HeadColumns(k), v: HeadColumns(k), extra: extra,
            bias: bias, form)
        }
      }
      let x = ones(1, 3, 4)
      attend(x, x, bias: ones(2, 3, 4))
      attend(x, x, extra: (ones(1, 4), ones(1, 4)), bias: ones(2, 3, 3))
      attend(ones(3, 4), x)
      attend(x, ones(2, 3, 4))
      attend(x, ones(1, 3, 3))
      attend(x, x, column: 1)
      attend(x, x, column: -1)
      attend(x, x, extra: (ones(4), ones(4)))
      attend(x, x, extra: (ones(2, 4), ones(3, 4)))
      attend(x, x, extra: (ones(2, 2, 4), ones(2, 2, 4)))
      attend(x, x) { $0.keyHeads = 0 }
      attend(x, x) { $0.heads = 3 }
      attend(x, x) { $0.headWidth = -2 }
      attend(x, x) { ($0.heads, $0.keyHeads) = (-2, 2) }
      attend(x, x) { $0.headWidth = .max }
      attend(x, x) { $0.mask = KeyMask([[1, 1]]) }
      attend(x, x) { $0.mask = KeyMask([]) }
      attend(x, x) { $0.slopes = [1] }
    }
  }
}
