import Data
import Engine
import FileSystem
import Formats
import Options
import Testing

@testable import Notebook

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// After a crash, `load last` leads back to where one was.
@Suite struct JournalTests {
  private func withFolder(_ body: (Places) throws -> Void) throws {
    let folder = "/tmp/graft-journal-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
    defer {
      for name in ["/state/journal.graft", "/state/last.graft", "/work.graft-session"] {
        unlink(folder + name)
      }
      rmdir(folder + "/state")
      rmdir(folder)
    }
    try body(Places(data: folder + "/data", state: folder + "/state"))
  }

  private func bench(_ places: Places) throws -> TimeBench { try TimeBench(files: .disk, places: places) }

  @Test func theLastSessionIsDoneAgain() throws {
    try withFolder { places in
      var hash = "", texts: [String] = []
      do {
        let journal = Journal(folder: places.state), bench = try bench(places)
        #expect(journal.isFirstTime && journal.last == nil && journal.kept == nil)
        journal.follow(bench.session)
        for line in [
          "let m = gpt layers=1 dim=8 heads=2 ctx=16", "task +2 rows=4 length=8",
          "sweep r = 1,2 { attach lora r=r; step 2; detach }",
          "undo", "attach lora r=2", "branch one", "step 4", "step -2", "lr 1e-2", "undo", "step 3",
          "goto one", "train 3",
          "let text = \"a\\nb # c\"",
        ] { try bench.run(line) }
        _ = try bench.failure("attach nothing")
        (hash, texts) = (bench.hash, bench.session.timeline.entries.map(\.text))
        #expect(journal.problem == nil && journal.kept != nil)
      }
      let journal = Journal(folder: places.state), next = try bench(places)
      journal.follow(next.session)
      #expect(!journal.isFirstTime && journal.last != nil)
      let text = try next.run("load last")
      #expect(next.hash == hash && next.session.timeline.entries.map(\.text) == texts, "\(text)")
      #expect(next.session.isUnsaved && next.session.timeline.branches == ["one": 9])
      try next.run("step 1")
      hash = next.hash
      // What was done again is in the new journal too.
      withExtendedLifetime(journal) {}
      let third = try bench(places)
      let lines = Journal.lines(of: try DiskFiles().text(of: places.state + "/journal.graft"))
      for line in lines { try third.run(line) }
      #expect(third.hash == hash)
    }
  }

  @Test func savingAndLoadingBeginAPart() throws {
    try withFolder { places in
      var hash = ""
      let path = String(places.state.dropLast("/state".count)) + "/work"
      do {
        let journal = Journal(folder: places.state), bench = try bench(places)
        journal.follow(bench.session)
        for line in [
          "let m = gpt layers=1 dim=8 heads=2 ctx=16", "task +2 rows=4 length=8", "attach bitfit", "step 3",
        ] { try bench.run(line) }
        try bench.run("save \(path)")
        try bench.run("step 2")
        try bench.run("save \(path)")
        try bench.run("step 4")
        hash = bench.hash
      }
      let journal = Journal(folder: places.state), next = try bench(places)
      journal.follow(next.session)
      let lines = Journal.lines(of: try DiskFiles().text(of: places.state + "/last.graft"))
      #expect(lines == ["load \(path).graft-session", "step 4"])
      try next.run("load last")
      #expect(next.hash == hash && next.losses.count == 9)
      #expect(next.session.fileName == path + ".graft-session")
    }
  }

  @Test func aLineThatFailsNowEndsItThere() throws {
    try withFolder { places in
      do {
        let journal = Journal(folder: places.state)
        for line in [
          "let m = gpt layers=1 dim=8 heads=2 ctx=16", "task +2 rows=4 length=8", "attach lora r=2",
          "data csv gone.csv", "step 3",
        ] {
          journal.append(line)
        }
      }
      _ = Journal(folder: places.state)
      let bench = try bench(places)
      let failure = try bench.failure("load last")
      #expect(failure.what.hasPrefix("line 4, data csv gone.csv, fails now: there is no"))
      #expect(bench.text.contains("3 of 5 lines done again"))
      #expect(bench.session.timeline.path.map(\.text).last == "attach lora r=2")
    }
  }

  @Test func aLineThatWasCutOffIsLeftOut() throws {
    #expect(Journal.lines(of: "let a = 1\nlet b = 2\nlet c") == ["let a = 1", "let b = 2"])
    #expect(Journal.lines(of: "let a = 1\n# session\nload x\nlet b = 2\n") == ["load x", "let b = 2"])
    #expect(Journal.lines(of: "").isEmpty)
  }

  @Test func oneProgramKeepsAJournalAtATime() throws {
    try withFolder { places in
      let first = Journal(folder: places.state)
      first.append("let a = 1")
      let second = Journal(folder: places.state)
      #expect(second.problem?.contains("another graft") == true && second.kept == nil)
      second.append("let b = 2")
      let text = try DiskFiles().text(of: places.state + "/journal.graft")
      #expect(text == "let a = 1\n")
      #expect(first.kept != nil)
    }
    let nowhere = Journal(folder: "/proc/nowhere")
    #expect(nowhere.problem?.contains("cannot write") == true)
    nowhere.append("let a = 1")
  }

  @Test func stoppedOnTheWay() throws {
    try withFolder { places in
      do {
        let journal = Journal(folder: places.state)
        for line in [
          "let m = gpt layers=1 dim=8 heads=2 ctx=16", "task +2 rows=4 length=8", "attach full", "step 3000",
        ] { journal.append(line) }
      }
      _ = Journal(folder: places.state)
      let bench = try bench(places)
      let outer = bench.session.observer
      bench.session.observer = { event in
        if case .progress = event { bench.session.interrupt.raise() }
        outer(event)
      }
      try bench.run("load last")
      let made = bench.losses.count
      #expect(made > 0 && made < 3000 && bench.session.timeline.path.last?.text == "step \(made)")
    }
  }
}
