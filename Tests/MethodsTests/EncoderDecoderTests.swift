import Data
import Engine
import Methods
import Options
import Testing
import Training

@testable import Networks

/// What methods do on a model with an encoder and a decoder.
struct EncoderDecoderTests {
  private func tiny(layers: Int = 2) throws -> Model {
    var form = T5.Form()
    (form.vocabulary, form.context, form.width, form.heads, form.layers) = (29, 40, 16, 2, layers)
    let chance = Chance(seed: 1)
    let model = try T5.model(form, chance: chance) { TinyModel.drawn(chance, $0, $1) }
    model.words = TinyGPT.letters
    return model
  }

  private var batch: Batch { get throws { try TinyModel.both.batch() } }

  /// One network for the encoder, one for the decoder's own keys, one for those that it has from the encoder.
  @Test func thePaperHasThreePrefixes() throws {
    let model = try tiny(), prefix = try model.attach("prefix", with: [("n", .integer(3))])
    #expect(
      prefix.edits.map(\.site.name) == [
        "encoder.blocks.0.attn", "encoder.blocks.1.attn", "decoder.blocks.0.attn", "decoder.blocks.0.cross",
        "decoder.blocks.1.attn", "decoder.blocks.1.cross",
      ])
    let tables = prefix.parameters.filter { $0.leaf == "E" }.map(\.name)
    #expect(Set(tables) == ["prefix.encoder.E", "prefix.decoder.E", "prefix.cross.E"])
    let trace = Trace()
    _ = try model.logits(Input(batch), Pass(trace: trace))
    for (site, _) in prefix.edits {
      let all = try #require(trace.attention[site.name]), batch = try batch
      let own = site.heads?.isCross == true || site.stack == .encoder ? batch.columns : batch.targetColumns
      #expect(all.shape[3] == 3 + own, "\(site.name)")
    }
    // Each reaches the answer.
    for name in tables {
      let parameter = try #require(model.parameter(name)), value = parameter.value
      let before = try model.tinyLogits()
      parameter.value = try value.scaled(by: 2)
      #expect(try model.tinyLogits().largestDifference(from: before) > 1e-5, "\(name)")
      parameter.value = value
    }
  }

  /// Block i of the decoder reads what is held for block 2i modulo their number; with an odd number all is read.
  @Test(arguments: 1...6) func peftHasOnePrefixByItsIndexRule(layers: Int) throws {
    let model = try tiny(layers: layers)
    let prefix = try model.attach("prefix", with: [("n", .integer(2)), ("like", .text("peft"))])
    #expect(prefix.edits.map(\.site.name) == (0..<layers).map { "decoder.blocks.\($0).attn" })
    let read = Set((0..<layers).map { 2 * $0 % layers })
    let tape = Tape()
    let gradients = try tape.gradients(of: Loss(model, batch, Pass(tape: tape)).loss)
    for layer in 0..<layers {
      for leaf in ["K", "V"] {
        let parameter = try #require(model.parameter("decoder.blocks.\(layer).attn.prefix.\(leaf)"))
        let norm = gradients[parameter.value]?.norm ?? 0
        #expect((norm > 0) == read.contains(layer), "\(parameter.name)")
        #expect((prefix.method.idle(parameter, in: model) == nil) == read.contains(layer))
      }
    }
    #expect(model.trainableCount == layers * 2 * 2 * 16)
  }

  /// Under like=peft there are 2n vectors, of which n stand before what the encoder reads; under like=paper n.
  @Test(arguments: ["prompt", "ptuning"]) func promptsStandBeforeTheEncoder(name: String) throws {
    for (like, rows) in [("paper", 3), ("peft", 6)] {
      let model = try tiny(), plain = try model.tinyLogits()
      let prompt = try model.attach(name, with: [("n", .integer(3)), ("like", .text(like))])
      #expect(prompt.parameters.first?.shape == [rows, 16])
      let trace = Trace()
      let found = try model.logits(Input(batch), Pass(trace: trace))
      #expect(try found.shape == plain.shape && found.largestDifference(from: plain) > 1e-5)
      #expect(try trace.attention["encoder.blocks.0.attn"]?.shape[3] == 3 + batch.columns)
      #expect(try trace.attention["decoder.blocks.0.attn"]?.shape[3] == batch.targetColumns)
      #expect(try model.addedVectors(Pass())?.shape == [3, 16])
    }
  }

  /// A prefix that keeps the keys and values of a text, in all three places.
  @Test func aTextCanBeThePrefix() throws {
    let model = try tiny(), before = try model.tinyLogits()
    let prefix = try model.attach("prefix", with: [("text", .text("egi")), ("train", .flag(false))])
    #expect(prefix.parameters.count == 12 && prefix.parameters.allSatisfy { $0.shape == [3, 16] })
    #expect(try model.tinyLogits().largestDifference(from: before) > 1e-3)
  }

  @Test func defaultsArePeftsAndThePapers() throws {
    func sites(_ method: String, _ values: [(name: String, value: OptionValue)] = []) throws -> Set<String> {
      Set(try tiny().attach(method, with: values).edits.map(\.site.localName))
    }
    #expect(try sites("lora") == ["attn.q", "attn.v", "cross.q", "cross.v"])
    let scaled: Set = ["attn.k", "attn.v", "cross.k", "cross.v", "mlp.down"]
    #expect(try sites("ia3") == scaled)
    #expect(try sites("ia3", [("like", .text("peft"))]) == scaled)
    #expect(try sites("adapter") == ["attn.add", "mlp.add"])
    let model = try tiny()
    #expect(throws: Failure.self) { try model.attach("bitfit") }
    #expect(throws: Failure.self) { try model.attach("pill") }
    // mT5 scales what the gate lets through instead of what goes down.
    var form = T5.Form()
    (form.family, form.isGated, form.activation) = (.mt5, true, .geluTanh)
    let other = try T5.model(form, chance: Chance(seed: 1))
    let ia3 = try other.attach("ia3", with: [("like", .text("peft"))])
    let inner = ia3.edits.filter { $0.site.localName == "mlp.up" }.map(\.site)
    #expect(inner.count == 4 && inner.allSatisfy { ia3.parameter("l", at: $0)?.shape == [256, 1] })
  }

  /// Decoding goes on behind whatever is attached as if all were run anew.
  @Test(arguments: ["prefix", "ptuning2", "ptuning", "prompt", "lora"]) func generationGoesOnBehindIt(
    method: String
  ) throws {
    let model = try tiny()
    try model.attach(method, with: [("n", .integer(3))]).stir(0.3)
    let rows = [[3, 1, 4, 15, 9, 2], [5, 25, 8]], found = try model.generate(rows, count: 6)
    for (row, words) in zip(rows, found) {
      var written = [0]
      for word in words {
        var input = Input([row])
        input.decoderIDs = [written]
        let logits = try model.logits(input, Pass()), last = logits.shape[1] - 1
        let scores = try logits.slice(axis: 1, last..<last + 1).scalars
        #expect(Sampling().choose(scores, draw: 0) == word)
        written.append(word)
      }
    }
    #expect(Set(found.joined()).count > 1)
  }
}
