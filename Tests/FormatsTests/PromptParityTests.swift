import Engine
import FileSystem
import Methods
import Networks
import Options
import TestSupport
import Testing

@testable import Formats

/// The prompt methods against what Python's peft computes (Scripts/golden_parity.py): results, and the networks that
/// make them while training.
@Suite struct PromptParityTests {
  private struct Inputs {
    let ids: [[Int]], labels: [[Int]], mask: [[UInt8]]

    init(_ path: String) throws {
      let inputs = try #require(try JSON.read(path, files: .disk).asObject?["inputs"]?.asObject)
      func rows(_ key: String) -> [[Int]] {
        inputs[key]?.asArray?.map { $0.asArray?.compactMap(\.asInteger) ?? [] } ?? []
      }
      (ids, labels) = (rows("input_ids"), rows("labels_causal"))
      mask = rows("attention_mask").map { $0.map(UInt8.init) }
    }

    /// Positions as transformers counts them: from the left edge.
    var input: Input { Input(ids, mask: mask, positions: ids.map { Array($0.indices) }) }
    /// What each prediction is compared with, given the column of each position: peft lets the last vector before a
    /// text predict its first token.
    func targets(_ columns: [[Int]]) -> [Int32] {
      zip(labels, columns).flatMap { labels, columns in
        (columns.dropFirst().map { $0 < 0 ? -100 : labels[$0] } + [-100]).map(Int32.init)
      }
    }
  }

  @Test(arguments: ["prompt_tuning", "prefix_flat", "prefix_mlp", "p_tuning_mlp", "p_tuning_lstm"])
  func agrees(_ name: String) throws {
    let root = Path.join(Path.parent(of: Path.parent(of: golden)), "Golden/parity")
    let inputs = try Inputs(Path.join(root, "index.json")), folder = Path.join(root, "gpt2/" + name)
    let expected = try Safetensors(Path.join(folder, "expected.safetensors"))
    let start = try Safetensors(Path.join(folder, "trainable_init.safetensors"))

    let model = try BaseFolder(Path.join(root, "gpt2/base"), chance: Engine.Chance(seed: 0)).model
    let attachment = try AdapterFiles.attachLive(AdapterFolder(folder), to: model)
    let live = try AdapterFiles.live(attachment)
    #expect(Set(live.map(\.key)) == Set(start.names))
    #expect(Set(live.flatMap(\.parameters).map(\.name)) == Set(model.trainable.map(\.name)))
    for tensor in live {
      for (parameter, value) in try tensor.parts(of: start.tensor(named: tensor.key)) {
        parameter.value = value
      }
    }
    let wanted = try expected.tensor(named: "logits"), time = inputs.ids[0].count
    let own = try wanted.slice(axis: 1, wanted.shape[1] - time..<wanted.shape[1])
    #expect(try difference(model.logits(inputs.input, Pass()), own, inputs) < 1e-5)

    let tape = Tape()
    let pass = Pass(tape: tape), hidden = try model.network.hidden(inputs.input, pass)
    let logits = try model.network.logits(hidden.states, pass), targets = inputs.targets(hidden.columns)
    let loss = try logits.reshaped([targets.count, logits.width]).crossEntropy(targets).loss
    #expect(abs(loss.item - (try expected.tensor(named: "loss").item)) < 1e-5)
    let gradients = try tape.gradients(of: loss)
    for tensor in live {
      let ours = try tensor.joined { try #require(gradients[$0.value]) }
      let theirs = try expected.tensor(named: "grad." + tensor.key)
      let most = theirs.scalars.reduce(0) { max($0, abs($1)) }
      #expect(try ours.largestDifference(from: theirs) < 1e-4 * most + 1e-7, "\(tensor.key)")
    }

    // The file holds the result alone, and so does what is written of the live one.
    let files = MemoryFiles.memory
    try AdapterFiles.write(attachment, of: model, to: "/a", files: files)
    for (path, files) in [(folder, DiskFiles() as any Files), ("/a", files)] {
      let other = try BaseFolder(Path.join(root, "gpt2/base"), chance: Engine.Chance(seed: 0)).model
      let loaded = try AdapterFiles.read(path, onto: other, files: files)
      #expect(loaded.report.matched.map(\.key) == ["prompt_embeddings"] && loaded.report.unexpected.isEmpty)
      #expect(try difference(other.logits(inputs.input, Pass()), own, inputs) < 1e-5)
    }
  }

  /// At real positions; what stands at padding concerns nobody.
  private func difference(_ a: Tensor, _ b: Tensor, _ inputs: Inputs) throws -> Float {
    let real = inputs.mask.joined().enumerated().filter { $0.element == 1 }.map(\.offset)
    func rows(_ t: Tensor) throws -> Tensor { try t.reshaped([t.count / t.width, t.width]).gather(real) }
    return try rows(a).largestDifference(from: rows(b))
  }

  @Test func aPrefixOnSomeLayersIsRefused() throws {
    let model = try tinyModel(), files = MemoryFiles.memory
    let attachment = try attach(PrefixTuning(), to: model, layers: [1])
    let refusal = failure { try AdapterFiles.write(attachment, of: model, to: "/a", files: files) }
    #expect(refusal.what.contains("all layers") && refusal.cure.contains("session"))
    #expect(try files.kind(at: "/a") == nil)
  }
}
