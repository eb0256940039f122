import FileSystem
import Formats
import Options
import Testing

@testable import Notebook

/// `train every=…`: steps, evaluations, a log, checkpoints, the best of them.
struct TrainingRunTests {
  static let rows = (0..<40).map {
    "\($0 % 2 == 0 ? "good" : "bad") thing \($0),\($0 % 2 == 0 ? "yes" : "no")"
  }

  private func bench(_ files: any Files = .memory, _ lines: String...) throws -> TimeBench {
    let bench = try TimeBench(
      files: files, "let m = gpt layers=1 dim=8 heads=2 ctx=16", "task +2 rows=4 length=8", "attach lora r=2")
    for line in lines { try bench.run(line) }
    return bench
  }

  @Test func isTheSameAsItsSteps() throws {
    let run = try bench(), steps = try bench()
    try run.run("train 12 every=5 lr=1e-2")
    for line in ["lr 1e-2", "step 5", "step 5", "step 2"] { try steps.run(line) }
    #expect(run.hash == steps.hash && run.losses == steps.losses && run.losses.count == 12)
    #expect(
      run.session.timeline.path.suffix(4).map(\.text) == [
        "lr 0.01 @m", "step 5 @m", "step 5 @m", "step 2 @m",
      ])
    // One undo takes the whole run back, one redo brings it again.
    let before = try bench().hash, after = run.hash
    try run.run("undo")
    #expect(run.hash == before)
    try run.run("redo")
    #expect(run.hash == after)
  }

  @Test func theScheduleIsOverTheRun() throws {
    let run = try bench()
    try run.run("train 8 every=4 lr=0.5 schedule=linear")
    let state = try run.session.current().trainer.state
    #expect(state.schedule.shape == .linear && state.schedule.total == 8)
    #expect(state.schedule.factor(0) == 1 && state.schedule.factor(4) == 0.5 && state.schedule.factor(8) == 0)
    try run.run("train 4 every=2 schedule=cosine warmup=2")
    let later = try run.session.current().trainer.state.schedule
    #expect(zip((8...12).map(later.factor), [0.5, 1, 1, 0.5, 0]).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  /// The toy's base with a skill learnt, which a rate that is far too high spoils.
  private func learnt() throws -> TimeBench {
    try TimeBench("let m = gpt base=alphabet", "task +2", "attach lora r=2", "lr 3e-3", "step 60")
  }

  @Test func endsAtTheBest() throws {
    let run = try learnt(), before = run.hash
    let text = try run.run("train 30 every=10 lr=5 best=loss")
    #expect(text.contains("best at step 60: the 30 steps after it are taken back"))
    #expect(run.losses.count == 60)
    try run.run("lr 3e-3")
    #expect(run.hash == before)
  }

  @Test func patienceEndsIt() throws {
    let run = try learnt()
    let text = try run.run("train 100 every=5 lr=5 patience=2 best=loss")
    #expect(text.contains("no better for 2 evaluations: the run ends here"))
    #expect(run.losses.count == 60 && text.contains("best at step 60: the 10 steps after it"))
  }

  @Test func checkpointsResumeToTheSameBits() throws {
    let files: any Files = .memory
    let whole = try bench(files)
    try whole.run("optimizer accumulate=2")
    let text = try whole.run("train 30 every=10 lr=1e-2 save=runs/one log=runs/log.jsonl")
    #expect(text.contains("step 30"))
    let again = try TimeBench(files: files)
    try again.run("load runs/one/step-10")
    #expect(again.losses.count == 10)
    try again.run("train 20 every=10 log=runs/log.jsonl")
    #expect(again.losses == whole.losses && again.hash == whole.hash)
    // The log has a line for each evaluation of both runs.
    let path = again.session.path("runs/log.jsonl")
    let lines = try files.text(of: path).split(separator: "\n").map {
      try JSON.parse(String($0), name: "log")
    }
    #expect(lines.map { $0.asObject?["step"]?.asInteger } == [0, 10, 20, 30, 10, 20, 30])
    #expect(lines[3].asObject?["eval_loss"] == lines[6].asObject?["eval_loss"])
  }

  @Test func epochsAreCountedOverTheData() throws {
    let files: any Files = .memory
    let bench = try TimeBench(files: files)
    try files.write(bench.session.path("rows.csv"), text: "text,label\n" + Self.rows.joined(separator: "\n"))
    try bench.run("let m = gpt base=reviews")
    try bench.run("data csv rows.csv rows=8 split=80,10,10; attach lora r=1")
    let text = try bench.run("train epochs=2 every=4")
    #expect(bench.losses.count == 8 && text.contains("epoch 2") && text.contains("balanced"))
    #expect(try bench.failure("train 5 epochs=2").what.contains("both a number of steps and epochs"))
    try bench.run("optimizer accumulate=2")
    try bench.run("train epochs=1")
    #expect(bench.losses.count == 10)
    #expect(bench.session.timeline.path.last?.text == "train 2 @m")
  }

  @Test func aStopKeepsWhatWasDone() throws {
    let run = try bench(), outer = run.session.observer
    run.session.watches = ["loss()"]
    var seen = 0
    run.session.observer = { event in
      outer(event)
      guard case .facts = event else { return }
      seen += 1
      if seen == 7 { run.session.interrupt.raise() }
    }
    let text = try run.run("train 40 every=5 best=loss")
    #expect(run.losses.count == 7 && text.contains("stopped after step 7"))
    run.session.observer = outer
    run.session.watches = []
    let straight = try bench()
    try straight.run("step 7")
    #expect(run.hash == straight.hash)
  }

  @Test func whatCannotBeIsSaidBeforeAnything() throws {
    let files: any Files = .memory
    let run = try bench(files), before = run.hash
    try files.write(run.session.path("here"), text: "x")
    #expect(try run.failure("train 10 every=5 save=here").what.contains("is a file"))
    #expect(try run.failure("train 0 every=5").cure == "train 100 makes a hundred steps")
    #expect(try run.failure("train epochs=1").what.contains("never ends"))
    #expect(try run.failure("train -3 every=5").what == "train -3 does nothing.")
    #expect(run.hash == before && run.losses.isEmpty)
  }

  /// What fails on the way leaves what was done, with state and tape of one mind.
  @Test func aFailureOnTheWayKeepsTheSteps() throws {
    let files: any Files = .memory
    let run = try bench(files), plain = try bench()
    try files.makeFolders(run.session.path("runs/step-2\(SessionFile.ending)"))
    #expect(
      try run.failure("train 6 every=2 lr=1e-2 save=runs log=new/place/log.jsonl").what.contains("step-2"))
    for line in ["lr 1e-2", "step 2"] { try plain.run(line) }
    #expect(run.losses.count == 2 && run.hash == plain.hash)
    let hash = run.hash
    try run.run("undo")
    try run.run("redo")
    #expect(run.hash == hash)
    #expect(try files.text(of: run.session.path("new/place/log.jsonl")).split(separator: "\n").count == 2)
  }
}
