import Options
import Testing

struct OptionTests {
  func failure(_ name: String, _ value: OptionValue) -> Failure? {
    var recipe = Recipe()
    do {
      try recipe.write(name, value)
    } catch let failure as Failure {
      return failure
    } catch {}
    return nil
  }

  @Test func everyKindIsWrittenAndReadBack() throws {
    var recipe = Recipe()
    let values: [(name: String, value: OptionValue)] = [
      ("r", .integer(4)), ("lr", .number(0.1)), ("fused", .text("on")), ("name", .text("two words")),
      ("form", .text("relu")), ("on", .list([.text("attn.q"), .text("attn.v")])), ("layers", .range(0, 2)),
      ("rule", .text("linear")),
    ]
    try Recipe.options.write(values, into: &recipe, of: "recipe")
    #expect(recipe.rank == 4 && recipe.rate == 0.1 && recipe.fused && recipe.name == "two words")
    #expect(recipe.form == "relu" && recipe.sites == ["attn.q", "attn.v"] && recipe.layers == [0, 1, 2])
    #expect(recipe.rule == .linear)

    // What is read can be written again: saving depends on it.
    var copy = Recipe()
    for row in Recipe.options { try row.write(&copy, row.read(recipe)) }
    #expect(copy == recipe)
    #expect(
      Recipe.options.map { "\($0.name)=\($0.read(recipe))" } == [
        "r=4", "lr=0.1", "fused=yes", "name=\"two words\"", "form=relu", "on=attn.q,attn.v", "layers=0,1,2",
        "rule=linear",
      ])
  }

  @Test func emptyAndSingleLists() throws {
    var recipe = Recipe(sites: ["x"], layers: [1])
    try recipe.write("on", .list([]))
    try recipe.write("layers", .list([]))
    #expect(recipe.sites.isEmpty && recipe.layers.isEmpty)
    try recipe.write("on", .text("attn.q"))
    try recipe.write("layers", .list([.integer(5), .range(7, 8)]))
    #expect(recipe.sites == ["attn.q"] && recipe.layers == [5, 7, 8])
  }

  @Test func rangesHold() throws {
    for (value, isAllowed) in [(0, false), (1, true), (64, true), (65, false), (-1, false)] {
      #expect((failure("r", .integer(value)) == nil) == isAllowed, "\(value)")
    }
    #expect(failure("lr", .number(10)) == nil)
    #expect(failure("lr", .number(10.5))?.what == "lr=10.5 cannot be: lr is from 0 to 10.")
    #expect(failure("r", .integer(0))?.what == "r=0 cannot be: r is from 1 to 64.")
    #expect(failure("r", .integer(0))?.cure == "r: rank of the change")
  }

  @Test func numbersThatAreNone() {
    #expect(failure("r", .text("eight"))?.what == "r=eight cannot be: r is a whole number.")
    #expect(failure("r", .number(8)) == nil)
    #expect(failure("r", .number(8.5)) != nil)
    #expect(failure("r", .number(.nan)) != nil)
    #expect(failure("r", .number(1e300)) != nil)
    #expect(failure("lr", .number(.infinity)) != nil)
    #expect(failure("lr", .number(.nan)) != nil)
    #expect(failure("lr", .number(1e300)) != nil)
    #expect(failure("lr", .integer(1)) == nil)
  }

  @Test func flags() {
    for text in ["yes", "on", "true", "no", "off", "false"] { #expect(failure("fused", .text(text)) == nil) }
    #expect(failure("fused", .integer(1)) == nil && failure("fused", .integer(0)) == nil)
    #expect(failure("fused", .integer(2)) != nil && failure("fused", .text("maybe")) != nil)
  }

  @Test func wordsAreSuggested() {
    #expect(failure("form", .text("gleu"))?.cure == "Did you mean form=gelu? form: activation")
    #expect(failure("rule", .text("cosin"))?.cure.hasPrefix("Did you mean rule=cosine?") == true)
    #expect(
      failure("rule", .text("zzz"))?.what == "rule=zzz cannot be: rule is one of: cosine linear constant.")
  }

  @Test func impossibleListsAreRefused() {
    #expect(failure("layers", .list([.text("a")])) != nil)
    #expect(failure("layers", .range(0, 10_000_000)) != nil)
    #expect(
      failure("layers", .range(3, 0))?.what == "layers=3..0 cannot be: 3..0 runs backwards or is too long.")
    #expect(failure("layers", .range(.min, .max)) != nil)
    #expect(failure("name", .list([.text("a"), .text("b")])) != nil)
  }

  @Test func anUnknownNameIsAnErrorWithASuggestion() {
    #expect(failure("layer", .integer(1))?.what == "no option “layer” of recipe.")
    #expect(failure("layer", .integer(1))?.cure == "Did you mean “layers”?")
    #expect(failure("unheard", .integer(1))?.details == ["there are: form fused layers lr name on r rule"])
  }

  /// A failed write leaves that option as it was.
  @Test func nothingIsHalfWritten() {
    var recipe = Recipe(layers: [3])
    #expect(throws: Failure.self) { try recipe.write("layers", .list([.integer(1), .text("x")])) }
    #expect(recipe.layers == [3])
  }
}
