import FileSystem
import Foundation
import Formats
import Synchronization
import Testing

@testable import Notebook

/// Nothing typed may trap or hang: random cells, each stopped after 20 ms as Ctrl-C pressed twice would.
///
/// 2,000 cells by default, 20,000 in `.ci/run`; `GRAFT_RANDOM_CELLS` in the environment says how many, and
/// `GRAFT_RANDOM_SEED` chooses others.
@Suite struct RandomCellsTests {
  /// Raises an interrupt when the running cell has had its time.
  final class Clock: Sendable {
    private let start = Atomic<UInt64>(0)
    private let isOver = Atomic<Bool>(false)

    init(_ interrupt: Session.Interrupt, limit: UInt64 = 20_000_000) {
      Thread.detachNewThread { [self] in
        while !isOver.load(ordering: .relaxed) {
          usleep(2_000)
          let began = start.load(ordering: .relaxed)
          guard began > 0, Clock.now - min(began, Clock.now) > limit else { continue }
          guard start.compareExchange(expected: began, desired: 0, ordering: .relaxed).exchanged else {
            continue
          }
          interrupt.raise()
          interrupt.raise()
        }
      }
    }

    static var now: UInt64 { DispatchTime.now().uptimeNanoseconds }

    /// Seconds that the cell took.
    func time(_ cell: () -> Void) -> Double {
      let began = Clock.now
      start.store(began, ordering: .relaxed)
      cell()
      start.store(0, ordering: .relaxed)
      return Double(Clock.now - began) / 1e9
    }

    func end() { isOver.store(true, ordering: .relaxed) }
  }

  static func number(_ name: String, or standard: Int) -> Int {
    ProcessInfo.processInfo.environment[name].flatMap { Int($0) } ?? standard
  }

  @Test func randomCellsNeitherTrapNorHang() throws {
    let count = Self.number("GRAFT_RANDOM_CELLS", or: 2_000),
      seed = UInt64(Self.number("GRAFT_RANDOM_SEED", or: 1))
    var left = count, round = seed
    while left > 0 {
      try play(min(left, 40), seed: round)
      left -= 40
      round += 1
    }
  }

  /// Forty cells on a tiny model; then the session must still work, go back to the start, and forward again.
  private func play(_ count: Int, seed: UInt64) throws {
    let files = MemoryFiles()
    try files.write("x.graft", text: "step 2\nlet a = loss()\n")
    try files.write("self.graft", text: "run self.graft\n")
    let pad = Notepad(files: files), session = pad.session
    let clock = Clock(session.interrupt)
    defer { clock.end() }
    pad.run("gpt layers=1 dim=8 heads=2 ctx=16", "task +2 rows=2 length=8")
    var cells = RandomCells(seed: seed, session)
    var log: [String] = []
    for _ in 0..<count {
      let cell = cells.cell()
      log.append(cell)
      note(cell, seed)
      let time = clock.time { session.execute(cell) }
      #expect(time < 5, "seed \(seed): \(time) s for \(cell.debugDescription)")
    }
    checkTime(session, seed, log)
  }

  /// Going back to the start and forward again gives the same state, whatever was typed.
  private func checkTime(_ session: Session, _ seed: UInt64, _ log: [String]) {
    let end = session.timeline.head
    // After a command, what held for one command alone is gone.
    #expect(session.execute("goto \(end)"), "seed \(seed)")
    let before = session.hash()
    #expect(session.execute("goto 0"), "seed \(seed)")
    #expect(session.execute("goto \(end)"), "seed \(seed)")
    let typed = log.map(\.debugDescription).joined(separator: "\n")
    #expect(session.hash() == before, "seed \(seed): back at entry \(end) the state differs\n\(typed)")
  }

  /// Where `GRAFT_RANDOM_LOG` names a file, the cell that runs stands in it: the last one, after a trap.
  private func note(_ cell: String, _ seed: UInt64) {
    guard let path = ProcessInfo.processInfo.environment["GRAFT_RANDOM_LOG"] else { return }
    try? "\(seed): \(cell)".write(toFile: path, atomically: false, encoding: .utf8)
  }
}
