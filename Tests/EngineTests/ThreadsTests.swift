import Synchronization
import Testing

@testable import Engine

extension EngineTests {
  /// The pool of threads: every chunk once, whoever calls and however many work.
  @Suite(.serialized) struct ThreadsTests {
    /// Runs with so many threads, then with one again.
    static func with<R>(_ count: Int, _ body: () throws -> R) rethrows -> R {
      Threads.shared.count = count
      defer { Threads.shared.count = 1 }
      return try body()
    }

    /// Counts how often each chunk ran.
    private static func tally(_ chunks: Int) -> [Int] {
      let slots = UnsafeMutablePointer<Int>.allocate(capacity: chunks + 1)
      slots.initialize(repeating: 0, count: chunks + 1)
      defer { slots.deallocate() }
      Threads.shared.run(chunks) { slots[$0] += 1 }
      return Array(UnsafeBufferPointer(start: slots, count: chunks))
    }

    @Test(arguments: [1, 2, 3]) func tenThousandRunsOfSmallChunks(threads: Int) {
      Self.with(threads) {
        for run in 0..<10_000 {
          let chunks = 1 + run % 9
          let sum = Atomic<Int>(0)
          Threads.shared.run(chunks) { sum.wrappingAdd($0 + 1, ordering: .relaxed) }
          let found = sum.load(ordering: .relaxed)
          if found != chunks * (chunks + 1) / 2 { Issue.record("run \(run) of \(chunks) chunks: \(found)") }
        }
      }
    }

    @Test func severalThreadsReallyWork() {
      Self.with(2) {
        let arrived = Atomic<Int>(0), met = Atomic<Int>(0)
        let end = ContinuousClock.now + .seconds(20)
        Threads.shared.run(2) { _ in
          arrived.wrappingAdd(1, ordering: .relaxed)
          while arrived.load(ordering: .relaxed) < 2 && ContinuousClock.now < end {}
          if arrived.load(ordering: .relaxed) == 2 { met.wrappingAdd(1, ordering: .relaxed) }
        }
        #expect(met.load(ordering: .relaxed) == 2, "each chunk waits for the other")
      }
    }

    @Test func callersFromSeveralThreadsAndChangingCounts() async {
      await withTaskGroup(of: Bool.self) { group in
        for caller in 0..<3 {
          group.addTask {
            for run in 0..<10_000 {
              let chunks = 2 + (run + caller) % 11
              if Self.tally(chunks) != Array(repeating: 1, count: chunks) { return false }
            }
            return true
          }
        }
        group.addTask {
          for run in 0..<10_000 { Threads.shared.count = 1 + run % 4 }
          return true
        }
        for await isRight in group { #expect(isRight) }
      }
      Threads.shared.count = 1
    }

    @Test func nestedRunsAreInline() {
      Self.with(2) {
        let total = Atomic<Int>(0)
        Threads.shared.run(5) { outer in
          Threads.shared.run(4) { total.wrappingAdd(outer * 4 + $0, ordering: .relaxed) }
        }
        #expect(total.load(ordering: .relaxed) == (0..<20).reduce(0, +))
      }
    }

    @Test(arguments: [0, 1, 2, 65_535, 65_536, 70_000]) func everyChunkOnce(chunks: Int) {
      Self.with(3) { #expect(Self.tally(chunks) == Array(repeating: 1, count: chunks)) }
    }

    @Test func rangesCoverEverythingOnce() {
      Self.with(2) {
        for (n, grain) in [(0, 4), (1, 4), (4, 4), (5, 4), (1000, 7), (3, 0)] {
          let marks = UnsafeMutablePointer<Int>.allocate(capacity: n + 1)
          marks.initialize(repeating: 0, count: n + 1)
          Threads.shared.ranges(n, grain: grain) { for i in $0 { marks[i] += 1 } }
          #expect((0..<n).allSatisfy { marks[$0] == 1 } && marks[n] == 0)
          marks.deallocate()
        }
      }
    }

    @Test func countsStayBetweenOneAndSixtyFour() {
      Self.with(0) { #expect(Threads.shared.count == 1) }
      Self.with(1_000) { #expect(Threads.shared.count == 64) }
      Self.with(-3) { #expect(Threads.shared.count == 1) }
    }
  }
}
