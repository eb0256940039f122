import Engine
import Formats
import Options
import Testing

@testable import Notebook

/// `export`: a file that does the same again.
@Suite struct ExportTests {
  @Test(arguments: ["graft", "md"]) func whatWasExportedRuns(ending: String) throws {
    let bench = try TimeBench.small()
    for line in [
      "sweep r = 1,2 { attach lora r=r; step 2; detach }", "attach lora r=2", "step 9", "undo", "step 5",
      "step -2", "1 + 1", "let two = %",
      "let text = \"a \\\"b\\\" # c\"", "lr (two/1000)", "train 3",
    ] { try bench.run(line) }
    let shown = try bench.run("export course.\(ending)")
    #expect(shown.contains("graft run course.\(ending)"))
    let again = try TimeBench(Session(surroundings: bench.session.surroundings) { _ in })
    try again.run("run course.\(ending)")
    #expect(again.hash == bench.hash && again.losses == bench.losses)
    let text = try bench.session.surroundings.files.text(of: "course.\(ending)")
    #expect(text.contains(bench.hash) && !text.contains("step 9"))
    try bench.run("export course.\(ending)")
    try bench.session.surroundings.files.write("mine.\(ending)", text: "mine")
    _ = try bench.failure("export mine.\(ending)")
    try bench.run("export mine.\(ending) over")
  }

  @Test func aResultThatNoLineMakesIsARemark() throws {
    let bench = try TimeBench.small("blocks.0.attn.qkv[0,:]", "let row = %", "step 1")
    #expect(try bench.run("export a.graft").contains("1 line of them a remark"))
    #expect(try bench.session.surroundings.files.text(of: "a.graft").contains("# let row = %\nstep 1\n"))
    #expect(try TimeBench().failure("export a.graft").what.contains("nothing was done yet"))
  }
}
