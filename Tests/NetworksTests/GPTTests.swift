import Engine
import Options
import Testing

@testable import Networks

struct GPTTests {
  @Test func headsMustDivideTheWidth() throws {
    var form = SmallGPT.form
    form.heads = 5
    let failure = try #require(throws: Failure.self) { try GPT.model(form, chance: Chance(seed: 1)) }
    #expect(failure.what == "heads=5 does not divide dim=32.")
    #expect(failure.cure.contains("1 2 4 8 16 32"))
  }

  @Test func formsAreSetByRows() throws {
    var form = GPT.Form()
    try GPT.Form.options.write(
      [
        ("vocab", .integer(10)), ("ctx", .integer(8)), ("dim", .integer(12)), ("heads", .integer(3)),
        ("inner", .integer(5)),
      ],
      into: &form, of: "gpt")
    let model = try GPT.model(form, chance: Chance(seed: 1))
    #expect(model.parameter("blocks.1.mlp.up.weight")?.shape == [5, 12])
    #expect(model.size("n_positions") == 8 && model.size("n_inner") == 5)
    #expect(throws: Failure.self) {
      try GPT.Form.options.write([("layers", .integer(0))], into: &form, of: "gpt")
    }
    #expect(throws: Failure.self) {
      try GPT.Form.options.write([("widht", .integer(8))], into: &form, of: "gpt")
    }
  }

  @Test(arguments: [(29, 24, 32, 1, 4, 0), (11, 7, 8, 3, 1, 0), (5, 6, 12, 2, 3, 20)])
  func countFollowsFromSizes(vocab: Int, context: Int, width: Int, layers: Int, heads: Int, inner: Int) throws
  {
    var form = GPT.Form()
    (form.vocabulary, form.context, form.width) = (vocab, context, width)
    (form.layers, form.heads, form.inner) = (layers, heads, inner)
    let model = try GPT.model(form, chance: Chance(seed: 1))
    #expect(model.count == form.count && model.baseCount == form.count && model.trainableCount == form.count)
    #expect(model.layers == layers)
  }

  /// The documented size of GPT-2 small: 124,439,808.
  @Test func countOfGPT2() {
    var form = GPT.Form()
    (form.vocabulary, form.context, form.width, form.layers, form.heads) = (50257, 1024, 768, 12, 12)
    #expect(form.count == 124_439_808)
  }

  @Test func firstValuesDependOnSeedAndNameAlone() throws {
    func hashes(_ seed: UInt64, layers: Int = 2) throws -> [String: UInt64] {
      var form = SmallGPT.form
      form.layers = layers
      let model = try GPT.model(form, chance: Chance(seed: seed))
      return Dictionary(uniqueKeysWithValues: model.parameters.map { ($0.name, $0.value.hash()) })
    }
    let one = try hashes(1)
    #expect(try hashes(1) == one)
    #expect(try hashes(2)["blocks.0.attn.qkv.weight"] != one["blocks.0.attn.qkv.weight"])
    #expect(try hashes(1, layers: 3)["blocks.1.mlp.up.weight"] == one["blocks.1.mlp.up.weight"])
    #expect(Set(one.values).count > 8, "weights of different names must differ")
  }

  @Test func tiedHeadIsOneParameter() throws {
    let model = try SmallGPT.model()
    #expect(model.site("head")?.weight === model.site("embed")?.weight)
    #expect(model.parameter("head.weight") == nil)
    #expect(model.site("lm_head") === model.site("head"))
  }

  @Test func namesByHuggingFace() throws {
    let model = try SmallGPT.model()
    for site in model.sites {
      guard let foreign = site.foreignName else {
        #expect([.part, .entry, .sublayer, .block, .attention].contains(site.kind), "\(site.name)")
        continue
      }
      #expect(model.site(foreign) === site)
    }
    #expect(model.site("transformer.h.1.attn.c_attn")?.name == "blocks.1.attn.qkv")
    #expect(model.parameter("transformer.h.1.mlp.c_fc.bias")?.name == "blocks.1.mlp.up.bias")
    #expect(model.parameter("h.1.mlp.c_fc.bias")?.name == "blocks.1.mlp.up.bias")
    #expect(model.parameter("wte.weight")?.name == "embed.weight")
    #expect(model.parameter("nothing") == nil && model.parameter("") == nil && model.site("blocks") == nil)
  }

  @Test func aFileOfAnotherShapeIsRefused() throws {
    let error = try #require(throws: EngineError.self) {
      try GPT.model(SmallGPT.form, chance: Chance(seed: 1)) { name, _ in
        name == "norm.bias" ? .zeros([3]) : nil
      }
    }
    #expect(error.description.contains("norm.bias") && error.description.contains("[3]"))
  }

  @Test func sitesKnowTheirPlace() throws {
    let model = try SmallGPT.model()
    let site = try #require(model.site("blocks.1.attn.q"))
    #expect(site.layer == 1 && site.localName == "attn.q" && site.kind == .part)
    #expect(site.columns?.range == 0..<32 && site.whole === model.site("blocks.1.attn.qkv"))
    #expect(model.site("blocks.1.attn.v")?.columns?.range == 64..<96)
    #expect(model.site("embed")?.layer == nil && model.site("embed")?.localName == "embed")
  }
}
