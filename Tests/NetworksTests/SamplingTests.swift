import Testing

@testable import Networks

/// What `choose` does against distributions worked out by hand, for draws spread evenly over [0, 1).
struct SamplingTests {
  /// Probabilities ½, ¼, 0.15, 0.1, not in order: ln p.
  private let logits: [Float] = [-1.897_119_98, -0.693_147_18, -2.302_585_09, -1.386_294_36]

  private func shares(_ fill: (inout Sampling) -> Void) -> [Double] {
    var sampling = Sampling()
    sampling.temperature = 1
    fill(&sampling)
    var counts = [0, 0, 0, 0]
    for i in 0..<10_000 { counts[sampling.choose(logits, draw: (Float(i) + 0.5) / 10_000)] += 1 }
    return counts.map { Double($0) / 10_000 }
  }

  private func near(_ a: [Double], _ b: [Double]) -> Bool { zip(a, b).allSatisfy { abs($0 - $1) < 2e-4 } }

  @Test func temperatures() {
    #expect(near(shares { _ in }, [0.15, 0.5, 0.1, 0.25]))
    // p², over 0.25 + 0.0625 + 0.0225 + 0.01 = 0.345
    #expect(
      near(shares { $0.temperature = 0.5 }, [0.0225 / 0.345, 0.25 / 0.345, 0.01 / 0.345, 0.0625 / 0.345]))
    // √p, over 0.7071 + 0.5 + 0.3873 + 0.3162 = 1.9106
    #expect(
      near(
        shares { $0.temperature = 2 },
        [0.387298 / 1.910633, 0.707107 / 1.910633, 0.316228 / 1.910633, 0.5 / 1.910633]))
    #expect(shares { $0.temperature = 0 } == [0, 1, 0, 0])
    #expect(near(shares { $0.temperature = 1e-30 }, [0, 1, 0, 0]))
    #expect(near(shares { $0.temperature = 1e30 }, [0.25, 0.25, 0.25, 0.25]))
  }

  @Test func topK() {
    #expect(shares { $0.topK = 1 } == [0, 1, 0, 0])
    #expect(near(shares { $0.topK = 2 }, [0, 2.0 / 3, 0, 1.0 / 3]))
    #expect(near(shares { $0.topK = 3 }, [0.15 / 0.9, 0.5 / 0.9, 0, 0.25 / 0.9]))
    #expect(near(shares { $0.topK = 99 }, [0.15, 0.5, 0.1, 0.25]))
  }

  @Test func topP() {
    #expect(near(shares { $0.topP = 0 }, [0, 1, 0, 0]))
    #expect(near(shares { $0.topP = 0.49 }, [0, 1, 0, 0]))
    #expect(near(shares { $0.topP = 0.6 }, [0, 2.0 / 3, 0, 1.0 / 3]))
    #expect(near(shares { $0.topP = 0.89 }, [0.15 / 0.9, 0.5 / 0.9, 0, 0.25 / 0.9]))
    #expect(near(shares { $0.topP = 1 }, [0.15, 0.5, 0.1, 0.25]))
    // Among the two most probable, ⅔ reaches 0.6: k is applied first.
    #expect(near(shares { ($0.topK, $0.topP) = (2, 0.6) }, [0, 1, 0, 0]))
  }

  @Test func equalScoresAndEdges() {
    var sampling = Sampling()
    #expect(sampling.choose([1, 3, 3], draw: 0.5) == 1)
    sampling.temperature = 1
    #expect(sampling.choose([3, 3], draw: 0.49) == 0 && sampling.choose([3, 3], draw: 0.51) == 1)
    #expect(sampling.choose([5], draw: 0.999_999_9) == 0)
    #expect(sampling.choose([0, -.infinity], draw: 0.999_999_9) == 0)
    #expect(sampling.choose([], draw: 0.5) == 0)
    #expect((0..<2).contains(sampling.choose([.nan, 1], draw: 0.5)))
  }
}
