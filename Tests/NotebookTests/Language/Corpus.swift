@testable import Notebook

/// The words that the language's tests know, and lines in which every rule of the grammar occurs.
enum Corpus {
  static let words = Vocabulary(
    verbs: [
      "gpt", "open", "data", "task", "attach", "detach", "freeze", "thaw", "merge", "unmerge", "use",
      "quantize",
      "settle", "step", "forward", "backward", "update", "train", "eval", "lr", "optimizer", "reset", "show",
      "plot",
      "hist", "top", "gen", "trace", "watch", "hook", "diff", "compare", "status", "undo", "redo", "goto",
      "snap",
      "branch", "tape", "verify", "save", "load", "run", "export", "lesson", "next", "back", "hint", "answer",
      "skip",
      "play", "resume", "predict", "check", "set", "quit", "help", "get", "inspect", "parity", "profile",
    ],
    names: ["m", "x", "s", "学习率"], makers: ["gpt", "data", "task"])

  static let lines = [
    "attach lora r=4 alpha=8 on=attn.q,attn.v", "att lora r: 8", "task +2", "task +2,+5 seed=5", "step -11",
    "step 10;",
    "step .5", "hist 3 %", "lr 1e-3", "let m = gpt base=alphabet layers=2",
    "let x = 2 * norm(blocks.0.attn.q) - 1",
    "let 学习率 = 1e-3", "undo; step 39", "undo; step 39;", "gen \"eg\"", "gen \"a \\\"b\\\" \\u{4f60}\\n\" n=3",
    "top \"e#;\" # not text",
    "show delta blocks.1.attn.v", "show blocks.*.attn.q[0,:]", "hist %7", "compare @lora @prompt",
    "diff @m.base @m.blocks.0.attn.q",
    "compare lora prompt prefix adapter ssf  task=+2,+5  steps=60 seed=5",
    "maxdiff(logits(@m), logits(@m.base))",
    "maxdiff(logits(@m), logits(@m.base)) == 0 and not (x > 2)", "1 + 2 * 3 ^ 2 ^ -1 / 4 - -x", "%",
    "%% - %7", "(step) + 1",
    "not x or yes", "norm(x)[0,:,-1,2:5,:3,2:,1..4]", "[1, 2, [3, \"a\"]]", "*.attn.q", "blocks.*.mlp", "x",
    "-x^2", "m.blocks.0",
    "repeat 3 { step 10; eval }", "repeat 2 {\n  step;\n  eval # all\n}",
    "sweep r = 1,2,4 { attach lora r=(2*r); step 20; undo }",
    "sweep i = 0..3 { repeat 2 { show blocks.0.attn.q } }", "until loss() < 0.05 max=600 { step }",
    "until loss()<0.05 { step; }",
    "attach lora \\\n  r=8", "attach lora on=[attn.q,\n  attn.v] r=8", "f(1,\n  2 # two\n)", "?", "?lora.on",
    "??lora", "?choose", "lora?",
    "attn.q??", "data csv \"my file.csv\" text=tweet label=[a, b] template=\"Tweet: {text} Label:\"",
    "set digits=6 reader=on",
    "attach lora r=(2*x) on=attn.q,(x),\"a,b\"", "show [] [a] [[1,2],[3]]", "save monday; next",
    "watch norm(x) every=3", "",
    "  # only a comment", "top \"学习\" 学习率 + 1", "step 9223372036854775807",
    "eval split=test batch=0..31 rate=1.0 name=\"8\"",
  ]
}

func parsed(_ text: String) throws -> Syntax.Cell { try Parser.parse(text, Corpus.words) }
