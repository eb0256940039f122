import Engine
import Options
import Testing

@testable import Networks

/// Llama and BLOOM: what their parts promise.
@Suite struct DecoderTests {
  static func drawn(_ name: String, _ shape: [Int]) -> Tensor? {
    let drawn = Chance(seed: 7).normal(shape, deviation: 0.3, purpose: name)
    return name.contains("norm") && name.hasSuffix("weight") ? try? drawn.shifted(by: 1) : drawn
  }

  static let kinds = ["llama", "shared", "window", "linear", "llama3", "yarn", "qwen3", "gemma", "bloom"]

  static func model(_ kind: String) throws -> Model {
    if kind == "bloom" {
      var form = BLOOM.Form()
      (form.vocabulary, form.width, form.heads) = (29, 24, 6)
      return try BLOOM.model(form, chance: Chance(seed: 1), source: drawn)
    }
    var form = Llama.Form()
    (form.vocabulary, form.width, form.heads, form.layers) = (29, 24, 4, 2)
    form.family = Llama.Family(rawValue: kind) ?? .llama
    form.keyHeads = kind == "shared" ? 1 : 2
    form.window = kind == "window" ? 3 : 0
    form.rotary.kind = Rotary.Kind(rawValue: kind) ?? .usual
    (form.rotary.factor, form.rotary.original) = (4, 16)
    form.isTied = kind == "gemma"
    return try Llama.model(form.withSwitches, chance: Chance(seed: 1), source: drawn)
  }

  @Test(arguments: kinds) func theSizesAloneSayWhatThereIs(_ kind: String) throws {
    let model = try Self.model(kind), all = model.directory.parameters
    var shapes: [NamedShape] = []
    switch model.network {
    case let llama as Llama: shapes = llama.form.shapes
    case let bloom as BLOOM: shapes = bloom.form.shapes
    default: Issue.record("no decoder")
    }
    #expect(shapes.map(\.name) == all.map(\.name) && shapes.map(\.shape) == all.map(\.shape))
    for site in model.sites where site.kind == .linear { #expect(site.foreignName != nil, "\(site.name)") }
  }

  /// One token at a time with kept keys gives what the whole text gives at once.
  @Test(arguments: kinds) func theCacheIsExact(_ kind: String) throws {
    let model = try Self.model(kind), ids = [3, 14, 15, 9, 26, 5, 3, 5, 8]
    let whole = try model.logits(Input([ids]), Pass())
    let pass = Pass(cache: Cache())
    let parts = try ids.map { try model.logits(Input([[$0]]), pass) }
    #expect(try Tensor.concat(parts, axis: 1).largestDifference(from: whole) < 1e-4)
  }

  /// Padding on the left changes nothing for the tokens, nor do positions that begin elsewhere.
  @Test(arguments: kinds) func paddingOnTheLeftChangesNothing(_ kind: String) throws {
    let model = try Self.model(kind), ids = [3, 14, 15, 9, 26]
    let plain = try model.logits(Input([ids]), Pass())
    let mask: [[UInt8]] = [[0, 0, 0] + ids.map { _ in 1 }]
    for positions in [nil, [Array(0..<8)]] {
      let padded = try model.logits(Input([[0, 0, 0] + ids], mask: mask, positions: positions), Pass())
      #expect(try padded.slice(axis: 1, 3..<8).largestDifference(from: plain) < 1e-4)
    }
  }

  /// A query of one window back does not see further, through two layers two windows.
  @Test func aWindowHidesWhatIsFar() throws {
    let model = try Self.model("window")
    let a = try model.logits(Input([[1, 2, 3, 4, 5, 6, 7]]), Pass())
    let b = try model.logits(Input([[9, 2, 3, 4, 5, 6, 7]]), Pass())
    func differs(_ t: Int) throws -> Bool {
      try a.slice(axis: 1, t..<t + 1).largestDifference(from: b.slice(axis: 1, t..<t + 1)) > 1e-6
    }
    #expect(try (0..<7).map(differs) == [true, true, true, true, true, false, false])
  }

  /// Press et al.: for 8 heads 1/2, 1/4, …, 1/256; for 12 the row of 8, then every second of 16.
  @Test func slopesAreThoseOfThePaper() {
    #expect(BLOOM.slopes(8) == (1...8).map { Float(1) / Float(1 << $0) })
    let twelve = BLOOM.slopes(12)
    #expect(twelve.count == 12 && Array(twelve.prefix(8)) == BLOOM.slopes(8))
    #expect(Array(twelve.suffix(4)) == [0, 2, 4, 6].map { BLOOM.slopes(16)[$0] })
    #expect(BLOOM.slopes(1) == [Float(1) / 256])
  }

  @Test func partsOfAnInterleavedProjectionAreItsRows() throws {
    let model = try Self.model("bloom")
    let whole = try #require(model.site("blocks.0.attn.qkv")), k = try #require(model.site("blocks.0.attn.k"))
    #expect(k.columns?.indices.prefix(5) == [4, 5, 6, 7, 16])
    let rows = try #require(whole.weight).value.scalars, part = try #require(k.matrix).scalars
    #expect(part.prefix(24) == rows[4 * 24..<5 * 24] && part[4 * 24] == rows[16 * 24])
    #expect(model.site("transformer.h.0.self_attention.query_key_value") === whole)
  }

  @Test func sizesThatDoNotFitSayWhich() {
    for (words, change) in [
      ("kv=3 does not divide", { $0.keyHeads = 3 }), ("cannot be turned", { $0.headWidth = 5 }),
      ("does not divide dim", { $0.heads = 7 }),
    ] as [(String, (inout Llama.Form) -> Void)] {
      var form = Llama.Form()
      change(&form)
      let failure = #expect(throws: Failure.self) { try form.checked() }
      #expect(failure?.what.contains(words) == true && failure?.cure.isEmpty == false)
    }
  }
}
