import Engine
import FileSystem
import Formats
import Foundation
import Networks
import Testing

@testable import Notebook

/// The tutorial's two programs run as they stand, on small models of the same architectures and made-up texts.
@Suite struct TutorialNotebookTests {
  /// Runs a notebook for two epochs on a model that is written as a folder first.
  private func run(_ name: String, on model: Model) throws -> (bench: TimeBench, shown: String) {
    let memory = MemoryFiles()
    let text = try String(contentsOf: NotebooksTests.folder.appending(path: name), encoding: .utf8)
    try memory.write(name, text: text)
    try memory.write("rows.csv", text: TextBench.table(60))
    try BaseFolder.write(model, tokenizer: TextBench.tokenizer, to: "base", files: memory)
    let bench = try TimeBench(files: memory)
    for value in ["base=base", "file=rows.csv", "epochs=2"] { try bench.session.give(value) }
    return (bench, try bench.run("run \(name)"))
  }

  private func exists(_ path: String, _ bench: TimeBench) throws -> Bool {
    try bench.session.surroundings.files.exists(bench.session.path(path))
  }

  @Test func promptTuningOfBLOOM() throws {
    var form = BLOOM.Form()
    (form.vocabulary, form.width, form.heads, form.layers) = (TextBench.tokenizer.vocabularySize, 16, 2, 1)
    form.context = 128
    let (bench, shown) = try run("prompt-tuning.graft", on: BLOOM.model(form, chance: Chance(seed: 3)))
    #expect(!shown.contains("error"), "\(shown)")
    #expect(shown.contains("trainable params: 128 || all params:"))
    // 48 rows of 60 are learnt from, 8 at a time: 12 steps, looked at after 10 and 12; it ends at the best of them.
    let state = try bench.session.current().trainer.state
    #expect(shown.contains("step 10   epoch 1.67") && shown.contains("step 12   epoch 2"))
    #expect([0, 10, 12].contains(state.step) && state.schedule.total == 12)
    #expect(try exists("runs/prompt-tuning/adapter/adapter_model.safetensors", bench))
    #expect(try exists("runs/prompt-tuning.jsonl", bench))
  }

  @Test func loRAOfAnEncoderDecoder() throws {
    var form = T5.Form()
    (form.family, form.vocabulary, form.width) = (.mt5, TextBench.tokenizer.vocabularySize, 16)
    (form.heads, form.layers, form.context, form.isGated, form.isTied) = (2, 1, 160, true, false)
    let (bench, shown) = try run("lora-seq2seq.graft", on: T5.model(form, chance: Chance(seed: 3)))
    #expect(!shown.contains("error"), "\(shown)")
    #expect(shown.contains("|| trainable%: "))
    // 54 rows of 60, 8 at a time, twice: 14 steps, the last batch going over the end of the second epoch.
    #expect(try bench.session.current().trainer.state.step == 14)
    #expect(try exists("runs/lora-seq2seq/adapter/adapter_config.json", bench))
    #expect(try bench.session.current().lastEvaluation != nil)
  }
}
