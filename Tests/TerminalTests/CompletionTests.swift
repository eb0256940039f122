import Testing
import TestSupport

/// The Tab key, over words with `.`, `=`, `@` and Chinese in them.
@Suite struct CompletionTests {
  @Test(arguments: [
    ("atta\ta", "got [attach a]"), ("attach blocks.0.m\t", "got [attach blocks.0.mlp.up ]"),
    ("x on=\t", "got [x on=attn.q]"), ("x r\t", "got [x r=8 ]"), ("@\t", "got [@lora ]"),
    ("blocks.0.attn.q,blocks.0.m\t", "got [blocks.0.attn.q,blocks.0.mlp.up ]"),
    ("nothing\t", "got [nothing]"),
    ("\u{1}r\t!", "got [r=8 !]"), ("数\t", "got [数]"), ("数据\t", "got [数据 ]"),
    ("b\tattn\t", "got [blocks.0.attn.q ]"),
  ])
  func tabCompletes(keys: String, answer: String) throws {
    let echo = try Echo()
    try echo.ask(keys, for: answer)
  }

  @Test func severalAreListedBelow() throws {
    let echo = try Echo()
    try echo.pty.send("on attn\t")
    let list = try echo.pty.expect("echo> on attn.q")  // the shared part is inserted, the rest is listed
    #expect(Pty.stripped(list).contains("attn.q    attn.qkv"))
    try echo.ask("k\t", for: "got [on attn.qkv ]")
  }

  @Test func completionInTheMiddleReplacesTheWord() throws {
    let echo = try Echo()
    try echo.ask("attaxx r=8\u{1}\u{6}\u{6}\u{6}\u{6}\t", for: "got [attach r=8]")
  }

  @Test func laterLinesOfACellComplete() throws {
    let echo = try Echo()
    try echo.pty.send("repeat 2 {\r")
    try echo.pty.expect("...> ")
    try echo.ask("atta\t}", for: "got [repeat 2 {\r\nattach }]")
  }
}
