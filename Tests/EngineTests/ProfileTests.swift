import Testing

@testable import Engine

extension EngineTests {
  /// What a profile counts.
  @Suite struct ProfileTests {
    init() { EngineTests.oneThread }

    private let w = Chance(seed: 1).normal([8, 4], purpose: "w")
    private let x = Chance(seed: 1).normal([3, 4], purpose: "x")

    private func measured(_ body: () throws -> Void) rethrows -> [Profile.Lap] {
      let profile = Profile()
      try Profile.$current.withValue(profile, operation: body)
      return profile.laps
    }

    @Test func everyOpIsALapForwardAndBack() throws {
      let laps = try measured {
        let tape = Tape(), y = try x.linear(tape.track(w)).gelu().sum()
        _ = try tape.gradients(of: y)
      }
      #expect(laps.map(\.op) == ["linear", "gelu", "sum", "sum", "gelu", "linear"])
      #expect(laps.map(\.phase) == [.forward, .forward, .forward, .back, .back, .back])
    }

    @Test func lapsAddUpToTheWhole() throws {
      let clock = ContinuousClock()
      var laps: [Profile.Lap] = []
      let took = try clock.measure {
        laps = try measured { for _ in 0..<50 { _ = try x.linear(w).gelu() } }
      }
      let sum = laps.reduce(0) { $0 + $1.seconds }
      #expect(laps.count == 100 && laps.allSatisfy { $0.seconds > 0 })
      #expect(sum > 0 && sum <= took / .seconds(1))
    }

    @Test func operationsAreThoseOfTheProducts() throws {
      let laps = try measured {
        let tape = Tape(), y = try tape.track(x).linear(tape.track(w)).gelu().sum()
        _ = try tape.gradients(of: y)
      }
      // 2·rows·in·out forward, for dx and for dW.
      #expect(laps.first { $0.op == "linear" }?.operations == Double(2 * 3 * 4 * 8))
      #expect(laps.last { $0.op == "linear" }?.operations == Double(2 * 2 * 3 * 4 * 8))
      #expect(laps.filter { $0.op != "linear" }.allSatisfy { $0.operations == 0 })
    }

    @Test(arguments: [true, false]) func attentionCountsTheKeysThatAreSeen(isCausal: Bool) throws {
      let q = Chance(seed: 2).normal([2, 5, 6], purpose: "q")
      let laps = try measured {
        let tape = Tape(), part = HeadColumns(tape.track(q))
        let form = AttentionForm(heads: 2, headWidth: 3, isCausal: isCausal)
        _ = try tape.gradients(of: Tensor.attention(q: part, k: part, v: part, form).sum())
      }
      let pairs = Double(2 * 2 * (isCausal ? 15 : 25))
      let counted = laps.filter { $0.op == "attention" }.map(\.operations)
      #expect(counted == [4 * 3 * pairs, 10 * 3 * pairs])
    }

    @Test func memoryIsTakenAndHeldByLap() throws {
      let laps = try measured {
        var small: Tensor? = try x.scaled(by: 2)  // 48 bytes
        let large = try w.scaled(by: 2)  // 128 bytes, the fullest moment with the small one
        small = nil
        _ = try (small, large.sum())
      }
      #expect(laps.map(\.made) == [48, 128, 4])
      #expect(laps.map(\.held) == [48, 128, 0])
    }

    @Test func onlyWhatAsksIsMeasured() async throws {
      let profile = Profile()
      try await Profile.$current.withValue(profile) {
        // A task of its own asks for nothing, as the engine's threads do not.
        await Task.detached { _ = try? Tensor.filled([4], 1).scaled(by: 3) }.value
        #expect(profile.laps.isEmpty)
        _ = try x.scaled(by: 3)
      }
      _ = try x.scaled(by: 3)
      #expect(profile.laps.count == 1 && Profile.current == nil)
    }

    @Test func whatRunsAgainIsSaidSo() throws {
      let laps = try measured {
        let tape = Tape()
        let y = try tape.checkpointed(tape.track(x)) { _, x in try x.linear(w).gelu() }
        _ = try tape.gradients(of: y.sum())
      }
      let again = laps.filter { $0.phase == .again }.map(\.op)
      #expect(again == ["linear", "gelu"])
      #expect(laps.filter { $0.op == "linear" }.map(\.phase) == [.forward, .again, .back])
    }

    @Test func productsHaveASpeed() { #expect(Profile.speedOfProducts() > 0.01) }
  }
}
