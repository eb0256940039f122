import Events
import Options
import Testing

@testable import Notebook

/// `settle`, `show prompt`, `show prefix`, places in templates, and the functions beside them.
@Suite struct PromptCommandTests {
  private func looker(_ lines: String...) -> Looker {
    let looker = Looker("let m = gpt layers=2 dim=16 heads=2 ctx=24", "task +2 rows=4")
    for line in lines { looker.run(line) }
    return looker
  }

  @Test(arguments: [
    "ptuning n=4", "ptuning n=4 encoder=mlp hidden=8 depth=3 dropout=0.1", "prefix n=3 hidden=8",
  ])
  func settlingIsExactAndUndone(method: String) throws {
    let looker = looker("attach \(method)", "step 3", "let before = logits()")
    let hash = try looker.session.value(of: "hash()").brief
    let text = looker.text("settle")
    #expect(text.contains("dropped") && text.contains("max|Δlogit| 0\n"), "\(text)")
    #expect(try looker.number("maxdiff(logits(), before)") == 0)
    #expect(looker.failure("settle").contains("no encoder"))
    looker.run("undo")
    #expect(try looker.session.value(of: "hash()").brief == hash)
    looker.run("step 2")
    looker.run("redo")
    #expect(looker.failure("settle nothing").contains("nothing"))
  }

  @Test func encodersComeBackFromASession() throws {
    let bench = try TimeBench.small(
      "attach ptuning n=1 as=a", "attach ptuning n=1 as=b share=a", "attach prefix n=1 as=p", "step 3",
      "settle p",
      "attach prefix text=\"eg\" train=no as=fixed", "step 2")
    try bench.run("save work")
    let again = try TimeBench(Session(surroundings: bench.session.surroundings) { _ in })
    try again.run("load work")
    #expect(again.hash == bench.hash)
    for bench in [bench, again] { try bench.run("step 3") }
    #expect(again.hash == bench.hash && again.losses == bench.losses)
    for bench in [bench, again] { try bench.run("step -6") }
    #expect(again.hash == bench.hash)
  }

  @Test(arguments: ["ptuning n=3", "prefix n=3", "ptuning2 n=3"]) func adaptersComeBack(method: String) throws
  {
    let bench = try TimeBench.small("attach \(method)", "step 3", "let before = logits()")
    let saved = try bench.run("save adapter out")
    #expect(saved.contains("round trip 0 "), "\(saved)")
    try bench.run("detach")
    try bench.run("load out")
    #expect(try bench.session.value(of: "maxdiff(logits(), before)").asNumber ?? 1 < 1e-5)
  }

  @Test func viewsSayWhatThereIs() throws {
    let looker = looker("attach prompt n=3 text=\"eg\"")
    let prompt = looker.table("show prompt n=2")
    #expect(prompt.rows.count == 3)
    #expect(prompt.cell("p0", "nearest words, cosine").asWords.hasPrefix("e 1"))
    #expect(looker.text("show prompt").contains("words of the vocabulary: ‖w‖ from"))
    #expect(looker.failure("show prefix").contains("attach prefix"))
    looker.run("detach")
    #expect(looker.failure("show prompt").contains("attach prompt"))
    looker.run("attach prefix n=3 init=zero")
    let prefix = looker.table("show prefix")
    #expect(prefix.rows.count == 2 && prefix.column("keys") == [.count(3), .count(3)])
    let mass = try #require(prefix.cell("blocks.0.attn", "mass").asNumber)
    #expect(abs(try looker.number("mass(blocks.0.attn)") - mass) < 1e-6 && mass > 0.1 && mass < 0.9)
    #expect(prefix.cell("blocks.0.attn", "‖k‖") == .zero)
    #expect(looker.failure("show prompt").contains("attach prompt"))
    for line in ["show prompt", "show prefix"] {
      #expect(looker.text(line).split(separator: "\n").allSatisfy { $0.count <= 80 })
    }
    looker.run("detach")
    #expect(try looker.number("mass(blocks.0.attn)") == 0)
    looker.run("attach ptuning n=3")
    #expect(try looker.number("min(influence(ptuning.E))") > 0)
    looker.run("settle")
    #expect(try looker.number("influence(ptuning.P)[0,1]") == 0)
    #expect(try looker.number("influence(ptuning.P)[1,1]") > 0.9)
    #expect(looker.failure("influence(norm.weight)").contains("matrix"))
  }

  /// Vectors right before the answer are read by who says it: by training, by eval and by gen alike.
  @Test func aPlaceRightBeforeTheAnswerCounts() throws {
    let bench = try TextBench.bench(["rows.csv": TextBench.table(60)])
    try bench.run("data csv rows.csv rows=8 template=\"Mail: {text} Kind:{prompt} {label}\"")
    try bench.run("attach ptuning n=2 encoder=none")
    let figures = try bench.run("eval")
    try bench.run("step 20")
    #expect(try bench.session.value(of: "count(moved())").asNumber == 1)
    #expect(try bench.run("eval") != figures)
  }

  @Test func templatesMayHoldPlaces() throws {
    let bench = try TextBench.bench(["rows.csv": TextBench.table(60)])
    let template = "{prompt} Mail: {text} {prompt} Kind: {label}"
    let text = try bench.run("data csv rows.csv rows=8 template=\"\(template)\"")
    #expect(text.contains("2 places {prompt}"))
    let base = try bench.session.value(of: "loss()").asNumber ?? 0
    try bench.run("data csv rows.csv rows=8 template=\"Mail: {text} Kind: {label}\"")
    #expect(try bench.session.value(of: "loss()").asNumber == base, "to others the places are not there")
    try bench.run("attach ptuning n=3 encoder=none")
    let front = try bench.session.value(of: "loss()").asNumber ?? 0
    try bench.run("data csv rows.csv rows=8 template=\"\(template)\"")
    #expect(try bench.session.value(of: "loss()").asNumber ?? front != front)
    try bench.run("step 2")
    try bench.run("eval")
    #expect(try bench.session.value(of: "count(moved())").asNumber == 1)
    try bench.run("detach")
    let hash = bench.hash
    #expect(try bench.failure("attach ptuning n=1").what.contains("2 places {prompt}"))
    #expect(bench.hash == hash)
    let wrong = "data csv rows.csv template=\"{text} {label} {prompt}\""
    #expect(try bench.failure(wrong).description.contains("{prompt}"))
    #expect(bench.hash == hash)
  }
}
