import Data
import Engine
import FileSystem
import Formats
import Methods
import Networks
import Options
import Testing
import Training

@testable import Notebook

/// A session comes back exactly, and nothing is half-loaded.
@Suite struct SaveLoadTests {
  /// Another session on the same files.
  private func other(_ bench: TimeBench) throws -> TimeBench {
    try TimeBench(Session(surroundings: bench.session.surroundings) { _ in })
  }

  @Test(arguments: StepsBackTests.cases) func everyMethodAndOptimizerGoesOnTheSame(
    method: String, optimizer: String
  ) throws {
    let bench = try TimeBench.small(
      for: method, "attach \(method)", "optimizer \(optimizer)",
      "lr 3e-3 schedule=cosine warmup=3 total=40 clip=0.5",
      "step 12")
    try bench.run("save work")
    #expect(bench.session.isUnsaved == false)
    let hash = bench.hash, again = try other(bench)
    let text = try again.run("load work")
    #expect(again.hash == hash && text.contains("hash \(hash) as when it was saved"), "\(text)")
    for bench in [bench, again] { try bench.run("step 8") }
    #expect(again.hash == bench.hash && again.losses == bench.losses && again.losses.count == 20)
    // Back over the whole path: made again from the start.
    for bench in [bench, again] { try bench.run("step -15") }
    #expect(again.hash == bench.hash)
    let count = bench.session.timeline.path.count
    for _ in 0..<count {
      for bench in [bench, again] { try bench.run("undo") }
      #expect(again.hash == bench.hash)
    }
    for bench in [bench, again] { try bench.run("redo \(count)") }
    #expect(again.hash == bench.hash)
  }

  @Test func everythingThatASessionHolds() throws {
    let bench = try TimeBench.small(
      "attach lora r=2 dropout=0.3 on=attn.q,mlp.up", "step 3", "attach bitfit as=nudge", "train 4 lr=1e-2",
      "merge lora", "step 2", "step -1",
      "freeze norm.*", "let x = loss()", "let word = \"two words\"", "let row = blocks.0.attn.qkv[0,:]",
      "let all = [1, x, word]",
      "snap here", "watch loss()", "hook blocks.0.mlp.down scale 0.123456 keep", "branch named", "step 2",
      "goto named",
      "let k = gpt layers=1 dim=8 heads=1 ctx=8 vocab=30", "attach prompt n=2 @k", "use m", "forward",
      "backward")
    try bench.run("save")
    let again = try other(bench)
    let text = try again.run("load session")
    #expect(again.hash == bench.hash, "\(text)")
    let (a, b) = (bench.session, again.session)
    #expect(b.watches == a.watches && b.boundNames == a.boundNames && b.seed == a.seed)
    #expect(b.timeline.entries.map(\.text) == a.timeline.entries.map(\.text))
    #expect(b.timeline.entries.map(\.losses) == a.timeline.entries.map(\.losses))
    #expect(b.timeline.branches == a.timeline.branches && b.timeline.head == a.timeline.head)
    #expect(b.timeline.entries.map(\.lastChild) == a.timeline.entries.map(\.lastChild))
    #expect(b.currentSubject?.name == "m" && b.models.map(\.name) == ["m", "k"])
    #expect(b.currentSubject?.lastEvaluation == a.currentSubject?.lastEvaluation)
    #expect(try b.value(of: "all").brief == a.value(of: "all").brief)
    for line in [
      "diff here", "unmerge lora", "undo", "update", "step 3", "detach nudge", "unmerge lora", "goto named",
      "undo 3", "step -2",
    ] {
      let texts = try [bench, again].map { try $0.run(line) }
      #expect(texts[0] == texts[1], "\(line)")
      #expect(again.hash == bench.hash, "\(line)")
    }
  }

  @Test func labelledDataAndRealWords() throws {
    let bench = try TextBench.bench(["rows.csv": TextBench.table(100)])
    for line in ["data csv rows.csv rows=8 seed=4", "attach lora r=4", "train 20", "eval", "save work"] {
      try bench.run(line)
    }
    let again = try other(bench)
    try again.run("load work")
    #expect(again.hash == bench.hash)
    for bench in [bench, again] { try bench.run("step 5") }
    #expect(again.losses == bench.losses && again.hash == bench.hash)
    #expect(try again.run("eval") == bench.run("eval"))
    #expect(
      try again.session.current().tokenizer.encode("the food") == TextBench.tokenizer.encode("the food"))
  }

  @Test func whereTheDataAreGoneTheRestStillLoads() throws {
    let bench = try TextBench.bench(["rows.csv": TextBench.table(100)])
    for line in ["data csv rows.csv rows=8", "attach lora r=4", "step 5", "save work"] { try bench.run(line) }
    let files = bench.session.surroundings.files
    try files.write("rows.csv", text: TextBench.table(100, from: 40))
    let changed = try other(bench)
    #expect(try changed.run("load work").contains("are not those it was trained on"))
    try files.remove("rows.csv")
    let gone = try other(bench)
    let text = try gone.run("load work")
    #expect(text.contains("m has no data now: data csv rows.csv rows=8 fails: there is no “rows.csv”"))
    let (m, n) = (try bench.session.current().model, try gone.session.current().model)
    for (a, b) in zip(m.parameters, n.parameters) {
      #expect(a.value.hash() == b.value.hash() && a.name == b.name)
    }
    #expect(try gone.failure("step 1").what.contains("nothing to train on yet"))
    // The tape's lines that need the file say so, and nothing changes.
    let hash = gone.hash
    #expect(try gone.failure("undo").what.contains("there is no “rows.csv”"))
    #expect(gone.hash == hash)
  }

  @Test func basesAndAdaptersNeedNotBeThereAnyMore() throws {
    let bench = try TextBench.bench()
    for line in ["save model base", "attach lora r=4", "save adapter adapters/one"] { try bench.run(line) }
    let files = bench.session.surroundings.files
    let again = try other(bench)
    for line in ["let g = open base", "load adapters/one as=mood allow=unchanged", "save work"] {
      try again.run(line)
    }
    let hash = again.hash
    for folder in ["base", "adapters/one"] {
      for name in try files.names(in: folder) { try files.remove(Path.join(folder, name)) }
      try files.remove(folder)
    }
    let third = try other(bench)
    try third.run("load work")
    #expect(third.hash == hash)
    #expect(try third.failure("undo").what.contains("base"))
    #expect(third.hash == hash)
  }

  @Test func theDefaultNameIsTheLastOne() throws {
    let bench = try TimeBench.small("attach bitfit"), files = bench.session.surroundings.files
    #expect(try bench.run("save").contains("session.graft-session"))
    try bench.run("save other.graft-session")
    try bench.run("step 2")
    #expect(bench.session.isUnsaved)
    #expect(try bench.run("save").contains("saved as other.graft-session"))
    #expect(try files.names(in: ".") == ["other.graft-session", "session.graft-session"])
    try bench.run("load session")
    #expect(bench.losses.isEmpty && bench.session.fileName == "session.graft-session")
    #expect(try bench.run("load back").contains("step 2 again"))
    #expect(bench.losses.count == 2 && bench.session.fileName == "other.graft-session")
    try bench.run("load back")
    #expect(bench.losses.isEmpty)
    #expect(try bench.run("undo").contains("undid attach bitfit"))
    #expect(!bench.text.contains("files that were written"), "written by another session")
    try bench.run("redo")
    try bench.run("save")
    #expect(try bench.run("undo").contains("files that were written stay"))
  }

  @Test func badFilesAreNamedAndChangeNothing() throws {
    let bench = try TimeBench.small("attach lora r=2", "step 2", "save work")
    let files = bench.session.surroundings.files
    try files.write("notes.md", text: "# notes\n")
    try files.write("plain.graft-session", text: "hello")
    try files.makeFolder("empty")
    try files.makeFolder("base")
    try files.write("base/config.json", text: "{\"model_type\": \"gpt2\"}")
    try Safetensors.write([.init("x", [1], floats: [1])], to: "other.safetensors", files: files)
    try files.makeFolder("dir.graft-session")
    try bench.run("step 1")
    let hash = bench.hash, head = bench.session.timeline.head
    for (line, what, cure) in [
      ("load wrk", "there is no “wrk”", ""), ("load notes.md", "holds cells, no session", "run notes.md"),
      ("load plain", "", ""), ("load empty", "no adapter, no model and no session", ""),
      ("load base", "holds a base model", "let m = open base"),
      ("load other.safetensors", "is not a session of Graft", ""),
      ("load last", "no earlier session has left a journal", ""),
      ("load back", "nothing was loaded here", ""),
      ("save dir", "", ""), ("save adapter", "needs a folder", "./adapter"),
      ("save adapter a nope", "no attachment “nope”", ""),
      ("save model m", "attached and not merged", "merge lora"),
      ("save a b", "takes one file", ""), ("save plain", "is there and is no session", ""),
      ("save nowhere/x", "no folder “nowhere”", ""),
      ("export x.txt", "ends neither in .graft nor in .md", "export x.txt.graft"),
      ("export notes.md", "export did not write it", "over"),
    ] {
      let failure = try bench.failure(line)
      #expect(what.isEmpty || failure.what.contains(what), "\(line): \(failure)")
      #expect(cure.isEmpty || failure.cure.contains(cure), "\(line): \(failure)")
      #expect(bench.hash == hash && bench.session.timeline.head == head, "\(line)")
    }
  }

  @Test func damageAnywhereIsFound() throws {
    let bench = try TimeBench.small("attach lora r=2", "step 2", "save work")
    let files = bench.session.surroundings.files, hash = bench.hash
    let whole = try files.bytes(of: "work.graft-session").array
    var places = Array(stride(from: 0, to: whole.count, by: max(1, whole.count / 120)))
    places += [whole.count - 1]
    for place in places {
      var bytes = whole
      bytes[place] ^= 0x5a
      try files.write("broken.graft-session", bytes: bytes)
      _ = try bench.failure("load broken")
      #expect(bench.hash == hash && bench.session.timeline.entries.count == 5)
    }
    for length in [0, 7, 8, 100, whole.count / 2, whole.count - 1] {
      try files.write("broken.graft-session", bytes: Array(whole[..<length]))
      _ = try bench.failure("load broken")
      #expect(bench.hash == hash)
    }
  }

  @Test func aTextThatLiesIsRefused() throws {
    let bench = try TimeBench.small(
      "attach lora r=2", "step 3", "let v = blocks.0.attn.qkv[0,:]", "step -1", "save work")
    let files = bench.session.surroundings.files, hash = bench.hash
    let file = try SessionFile("work.graft-session", files: files)
    let text = file.text
    let parts = try file.names.map { name in
      let tensor = try file.tensor(named: name)
      return Safetensors.Part(name, tensor)
    }
    let changes = [
      ("\"version\":1", "\"version\":2"), ("\"seed\":\"1\"", "\"seed\":\"x\""),
      ("\"n_embd\":8", "\"n_embd\":65536"),
      ("\"n_embd\":8", "\"n_embd\":16"), ("\"r\":2", "\"r\":3"), ("\"r\":2", "\"r\":65000"),
      ("\"method\":\"lora\"", "\"method\":\"loro\""),
      ("\"architecture\":\"gpt2\"", "\"architecture\":\"bert\""),
      ("\"begun\":\"none\"", "\"begun\":\"half\""),
      ("\"head\":6", "\"head\":60"), ("\"back\":[4,2]", "\"back\":[4,200]"),
      ("\"back\":[4,2]", "\"back\":[9,2]"),
      ("\"step\":2", "\"step\":-2"), ("\"clip\":\"1.0\"", "\"clip\":1"), ("m.losses", "m.lasses"),
      ("\"adamw\"", "\"adamv\""), ("\"value\":\"m.embed.weight\"", "\"value\":\"m.positions.weight\""),
      ("\"of\":\"m\"", "\"of\":\"q\""),
      ("\"tape\":", "\"tap\":"), ("\"models\":[", "\"models\":[null,"),
      ("\"isFolded\":false", "\"isFolded\":0"),
    ]
    for (old, new) in changes {
      let changed = text.replacing(old, with: new, maxReplacements: 1)
      #expect(changed != text, "\(old) is not in the text")
      try SessionFile.write(text: changed, tensors: parts, to: "lie.graft-session", files: files)
      #expect(!bench.session.execute("load lie"), "\(old) → \(new)")
      #expect(bench.hash == hash && bench.session.timeline.head == 6, "\(old) → \(new)")
    }
  }

  @Test func aWriteThatFailsLeavesTheOldFile() throws {
    let memory = MemoryFiles(), bench = try TimeBench(files: memory)
    for line in ["let m = gpt layers=1 dim=8 heads=2 ctx=16", "task +2", "save work"] { try bench.run(line) }
    let hash = bench.hash
    try bench.run("attach bitfit")
    memory.begin(.fails(at: 5))
    let failure = try bench.failure("save work")
    #expect(!failure.what.isEmpty && bench.session.isUnsaved)
    memory.begin()
    try bench.run("load work")
    #expect(bench.hash == hash)
  }
}
