import Engine
import Foundation
import Options
import Testing
import Training

struct OptimiserTests {
  @Test func everyFileHasItsLine() throws {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Sources/Training/Optimisers").standardizedFileURL
    let files = try FileManager.default.contentsOfDirectory(atPath: folder.path)
      .filter { $0.hasSuffix(".swift") && !["Optimiser.swift", "Schedule.swift"].contains($0) }
      .map { String($0.dropLast(6)) }
    let types = Optimisers.all.map { String(describing: $0) }
    for file in files.sorted() where !types.contains(file) {
      Issue.record("Optimisers.all in Sources/Training/Optimisers/Optimiser.swift misses \(file).self")
    }
    #expect(Set(types) == Set(files))
    for type in Optimisers.all { #expect(try Optimisers.named(type.card.name).card.name == type.card.name) }
    #expect(throws: Failure.self) { try Optimisers.named("adam") }
  }

  /// Every optimiser goes downhill on a bowl, and makes nothing of what it was given.
  @Test(arguments: Optimisers.all.map { $0.card.name }) func goesDownhill(name: String) throws {
    let optimiser = try Optimisers.named(name).init()
    var p = try Tensor([3], [1, -2, 0.5]), memory: OptimiserMemory?
    let start = p, bits = p.hash()
    for step in 1...50 {
      let kept = (p, p.hash(), memory?.tensors.map { ($0, $0.hash()) } ?? [])
      let next = try optimiser.step(p, gradient: p.scaled(by: 2), memory: memory, rate: 0.05, factor: 1)
      #expect(kept.0.hash() == kept.1 && kept.2.allSatisfy { $0.0.hash() == $0.1 }, "written in place")
      (p, memory) = (next.value, next.memory)
      #expect(memory?.steps == step)
    }
    #expect(p.norm < 0.5 * start.norm && start.hash() == bits)
  }

  /// The first step by hand: m̂ = g, v̂ = g², so AdamW goes lr in the gradient's direction, after decay.
  @Test func firstStepsByHand() throws {
    let p = try Tensor([3], [1, -2, 0.5]), g = try Tensor([3], [0.1, -4, 0])
    var adamw = AdamW()
    adamw.decay = 0.1
    let a = try adamw.step(p, gradient: g, memory: nil, rate: 0.01, factor: 0.5).value
    let wanted = try Tensor([3], [1 * 0.999 - 0.01, -2 * 0.999 + 0.01, 0.5 * 0.999])
    #expect(try a.largestDifference(from: wanted) < 1e-6)
    var sgd = SGD()
    (sgd.momentum, sgd.decay) = (0.9, 0.1)
    // g ← ½g + 0.1·p; b = g; then b ← 0.9·b + g
    let one = try sgd.step(p, gradient: g, memory: nil, rate: 0.01, factor: 0.5)
    let first = try Tensor([3], [0.05 + 0.1, -2 - 0.2, 0.05])
    #expect(try one.value.largestDifference(from: p - first.scaled(by: 0.01)) < 1e-6)
    let two = try sgd.step(one.value, gradient: g, memory: one.memory, rate: 0.01, factor: 0.5)
    let second = try first.scaled(by: 0.9) + (g.scaled(by: 0.5) + one.value.scaled(by: 0.1))
    #expect(try two.value.largestDifference(from: one.value - second.scaled(by: 0.01)) < 1e-6)
  }

  @Test func shapesThatDoNotMeetAreRefused() throws {
    let p = Tensor.zeros([3]), g = Tensor.zeros([4])
    for type in Optimisers.all {
      #expect(throws: EngineError.self) {
        try type.init().step(p, gradient: g, memory: nil, rate: 0.1, factor: 1)
      }
    }
  }

  @Test func schedulesByHand() {
    var schedule = Schedule()
    #expect([0, 5, 1_000_000].allSatisfy { schedule.factor($0) == 1 })
    (schedule.warmup, schedule.total) = (4, 12)
    #expect((0..<6).map { schedule.factor($0) } == [0.25, 0.5, 0.75, 1, 1, 1])
    schedule.shape = .linear
    #expect([3, 4, 6, 8, 12, 99].map { schedule.factor($0) } == [1, 1, 0.75, 0.5, 0, 0])
    schedule.floor = 0.2
    #expect(zip([4, 8, 12, 99], [1, 0.6, 0.2, 0.2]).allSatisfy { abs(schedule.factor($0) - $1) < 1e-6 })
    (schedule.shape, schedule.floor) = (.cosine, 0)
    // ½(1 + cos πx) at x = 0, ¼, ½, ¾, 1
    let cosine: [Float] = [1, 0.853_553_4, 0.5, 0.146_446_6, 0]
    #expect(zip([4, 6, 8, 10, 12], cosine).allSatisfy { abs(schedule.factor($0) - $1) < 1e-6 })
    #expect(schedule.factor(99) < 1e-6)
    schedule.floor = 0.5
    #expect(abs(schedule.factor(8) - 0.75) < 1e-6)
    (schedule.warmup, schedule.total) = (20, 10)  // an end before the warm-up's: no trap
    #expect(schedule.factor(25).isFinite && schedule.factor(10) == 0.55)
  }
}
