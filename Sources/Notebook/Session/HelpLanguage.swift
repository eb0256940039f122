/// Help on the language itself: the only topics with a text of their own.
enum HelpLanguage {
  /// The lines of a topic; nil where there is none of that name.
  static func text(_ name: String) -> [String]? {
    topics.first { $0.names.contains(name) }?.text.split(separator: "\n").map(String.init)
  }

  /// All names of topics.
  static var names: [String] { topics.flatMap(\.names) }

  private static let topics: [(names: [String], text: String)] = [
    (
      ["language", "syntax"],
      """
      A line that begins with a verb does something: `attach lora r=8`. Any other line is computed and \
      changes nothing: `norm(blocks.0.attn.q) / 2`.
      `let x = 3` names a value, `let m = gpt layers=2` a model. Any unique beginning of a verb will do: \
      `att lora`.
      Words after a verb are separated by blanks, options are `name=value`, lists `1,2,3`, ranges \
      `0..3`. A text with blanks stands in double quotes.
      `;` separates statements; at the end of a line it silences. `#` begins a comment. An open bracket \
      or a `\\` at the end continues a line.
      More: `?repeat` `?paths` `?targets` `?results` `?numbers` `?functions` `?files` `?keys`
      """
    ),
    (
      ["let", "names"],
      """
      `let r = 8` names a value; `attach lora r=r` uses it. `let m2 = gpt base=alphabet` makes a second \
      model.
      A verb cannot be a name. `@m` is the model m, `@m.base` the same without what is attached.
      """
    ),
    (
      ["repeat", "sweep", "until", "blocks"],
      """
      `repeat 3 { step; eval }` runs a block three times.
      `sweep r = 1,2,4 { attach lora r=r; train 50; detach }` runs it for each value.
      `until loss() < 0.05 max=600 { step }` runs it until the condition holds.
      Ctrl-C ends a block after the step that is running; `undo` takes back the whole cell.
      """
    ),
    (
      ["paths", "places"],
      """
      `blocks.0.attn.q` names a site: for a formula it stands for its weight. `blocks.0.attn.q.lora.B` \
      is a parameter.
      `[0,:]` takes a part, `[-1]` counts from the end, `[0..3]` includes both ends.
      `*` stands for any part: `count(blocks.*.attn.q)`. `@m2.blocks.0.attn.q` is a place in another \
      model.
      `show shapes` lists all sites, `?blocks.0.attn.q` tells about one. Tab completes them.
      """
    ),
    (
      ["targets", "on"],
      """
      `on=` says where a method sits, by the end of a site's name: `on=attn.q` is every block's, \
      `on=blocks.0.attn.q` one.
      `on=attn.q,mlp.up` names two sorts of site; `*` stands for any part: `on=attn.*`. `layers=0..3` \
      takes some blocks only.
      Hugging Face's names work too: `on=c_attn`. On the fused `attn.qkv` q, k and v share one A; \
      `on=attn.q` has its own.
      Without `on=` a method goes where `peft` would put it. `?lora.on` lists the sites of the present \
      model.
      """
    ),
    (
      ["results", "%"],
      """
      An expression leaves a result: `%` is the last one, `%%` the one before, `%7` that of cell 7.
      `hash()` now, `hash() == %7` later: are we back where we were?
      A `;` at the end of a line silences a result but keeps it. The last hundred are kept.
      """
    ),
    (
      ["numbers", "values"],
      """
      Numbers show three digits (`set digits=6` for more); exactly zero shows as `0`, and nothing else \
      does.
      Weights are 32-bit floats. `maxdiff(a, b)` is 0 only when all bits agree.
      `yes` and `no` are 1 and 0 in formulas. Losses and entropies are in nats.
      """
    ),
    (
      ["time", "tape"],
      """
      Every command that changes something is an entry of the tape. `step -3` goes back three training \
      steps, `undo` the last cell, `redo` forward again.
      `goto 4` goes to an entry, `branch try` names this point. Nothing that was done is ever lost, and \
      all of it is exact.
      Expressions and looking are not on the tape. Files that were written stay as they are.
      """
    ),
    (
      ["files", "batch"],
      """
      `.graft` files hold cells as they are typed, in Markdown cells stand in fences marked `graft`. \
      `run FILE` runs them here.
      At a shell: `graft run FILE --set r=8 --json`. It stops at the first error and tells file and \
      line.
      `--set r=8` names a value before the first cell; where the file says `let r = …`, the given value \
      stays.
      """
    ),
    (
      ["keys", "prompt"],
      """
      ↑ recalls lines that begin as typed, Ctrl-R searches, Tab completes verbs, options, values and \
      places of the model.
      Ctrl-C stops a running cell after its step, pressed again it cancels that step; at the prompt it \
      empties the line. Ctrl-D leaves.
      The prompt shows the number of the cell, `*` when something is not saved, the step of a lesson, \
      and `·21` for 21 training steps.
      Text copied from the screen can be pasted: prompts and output are left out.
      """
    ),
  ]
}
