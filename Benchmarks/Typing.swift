import Engine
import Events
import Notebook

/// What a person waits for who types: a step back, a completion.
enum Typing {
  /// Undo of a training step at nano, and candidates on a model of 30 layers; milliseconds, medians.
  static func run() throws {
    var line = Line()
    line.add("bench", "typing")
    let session = Session { _ in }
    for text in ["gpt layers=2 dim=64 heads=4 vocab=256 ctx=64", "task +2 rows=8 length=64", "attach lora"] {
      session.execute(text)
    }
    var undone: [Double] = [], redone: [Double] = [], stepped: [Double] = []
    for _ in 0..<40 {
      stepped.append(seconds { session.execute("step 1") })
      undone.append(seconds { session.execute("undo") })
      redone.append(seconds { session.execute("redo") })
    }
    line.add("step_ms", Samples.median(stepped) * 1e3)
    line.add("undo_ms", Samples.median(undone) * 1e3)
    line.add("redo_ms", Samples.median(redone) * 1e3)
    session.execute("gpt layers=30 dim=64 heads=4 ctx=64")
    let completion = Completion(session)
    let typed = ["", "b", "?", "norm(blocks.", "norm(blocks.17.mlp.", "attach lora ", "attach lora on="]
    let each = typed.map { text in
      Samples.median(
        (0..<20).map { _ in seconds { _ = completion.candidates(text, cursor: text.utf8.count) } })
    }
    line.add("completion_ms", Samples.median(each) * 1e3)
    line.add("completion_most_ms", (each.max() ?? .nan) * 1e3)
    print(line)
  }

  private static func seconds(_ body: () -> Void) -> Double {
    let start = Machine.now
    body()
    return Machine.now - start
  }
}
