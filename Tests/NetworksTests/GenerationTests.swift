import Engine
import Testing

@testable import Networks

/// Generation with cached keys and values is what recomputing everything gives, word by word.
struct GenerationTests {
  private static var samplings: [Sampling] {
    var warm = Sampling(), narrow = Sampling()
    (warm.temperature, warm.seed) = (0.8, 3)
    (narrow.temperature, narrow.topK, narrow.topP, narrow.seed) = (1.3, 5, 0.9, 4)
    return [Sampling(), warm, narrow]
  }

  @Test(arguments: 0..<3, [false, true]) func cacheChangesNothing(kind: Int, hasPrompt: Bool) throws {
    let model = try SmallGPT.model(), hook = Hook()
    if hasPrompt { try Self.prompt(model, hook) }
    let sampling = Self.samplings[kind]
    let words = try model.generate(SmallGPT.rows, count: 12, sampling)
    #expect(try words == recomputed(model, SmallGPT.rows, 12, sampling))
    #expect(Set(words.joined()).count > 1, "too dull to tell anything: \(words)")
    #expect(try model.generate(SmallGPT.rows, count: 12, sampling) == words)
  }

  @Test(arguments: [false, true]) func rowsOfDifferentLengthsAreAsAlone(hasPrompt: Bool) throws {
    let model = try SmallGPT.model(), hook = Hook()
    if hasPrompt { try Self.prompt(model, hook) }
    let rows = [[3, 14, 15, 9, 26, 5], [27], [18, 28, 1]]
    let together = try model.generate(rows, count: 10)
    for (row, words) in zip(rows, together) { #expect(try model.generate([row], count: 10) == [words]) }
  }

  /// The prompt has an effect, and the base is had beside it.
  @Test func promptsAndBase() throws {
    let model = try SmallGPT.model(), hook = Hook()
    let plain = try model.generate(SmallGPT.rows, count: 10)
    try Self.prompt(model, hook)
    #expect(try model.generate(SmallGPT.rows, count: 10) != plain)
    #expect(try model.generate(SmallGPT.rows, count: 10, isBase: true) == plain)
    hook.isOn = false
    #expect(try model.generate(SmallGPT.rows, count: 10) == plain)
  }

  @Test func itEndsWhereTheContextIsFull() throws {
    let model = try SmallGPT.model(), hook = Hook()
    // The 24th token is run, and what follows it is the last word.
    #expect(try model.generate([SmallGPT.rows[0]], count: 100)[0].count == 24 - 6 + 1)
    try Self.prompt(model, hook)
    #expect(try model.generate([SmallGPT.rows[0]], count: 100)[0].count == 24 - 6 - 3 + 1)
    #expect(try model.generate([SmallGPT.rows[0]], count: 0) == [[]])
    #expect(throws: EngineError.self) { try model.generate([Array(repeating: 1, count: 25)], count: 1) }
  }

  @Test func paddedRowsUseTheirWholeContext() throws {
    let model = try SmallGPT.model()
    let rows = [Array(repeating: 2, count: 20), [3]]
    let words = try model.generate(rows, count: 100)
    for (row, out) in zip(rows, words) { #expect(try model.generate([row], count: 100) == [out]) }
  }

  @Test func rowsEndAtTheirStops() throws {
    let model = try SmallGPT.model()
    let free = try model.generate(SmallGPT.rows, count: 12)
    var sampling = Sampling()
    sampling.stops = [free[0][4]]
    let stopped = try model.generate(SmallGPT.rows, count: 12, sampling)
    for (out, whole) in zip(stopped, free) {
      let end = whole.firstIndex { sampling.stops.contains($0) }.map { $0 + 1 } ?? 12
      #expect(out == Array(whole.prefix(end)))
    }
  }

  @Test func listenersSeeEveryWordAndCanEndIt() throws {
    let model = try SmallGPT.model()
    let free = try model.generate(SmallGPT.rows, count: 5)
    var seen: [[Int]] = [[], []]
    let words = try model.generate(SmallGPT.rows, count: 5) { row, token in
      seen[row].append(token)
      return seen[0].count < 3
    }
    #expect(words == seen && words == free.map { Array($0.prefix(3)) })
    let interrupt = Interrupt()
    let cut = try model.generate(SmallGPT.rows, count: 5, interrupt: interrupt) { _, _ in
      interrupt.raise()
      return true
    }
    #expect(cut == free.map { Array($0.prefix(1)) })
  }

  @Test func nothingToContinueIsRefused() throws {
    let model = try SmallGPT.model()
    #expect(throws: EngineError.self) { try model.generate([], count: 1) }
    #expect(throws: EngineError.self) { try model.generate([[1], []], count: 1) }
    #expect(throws: EngineError.self) { try model.generate([[99]], count: 1) }
  }

  /// Three vectors before the text, as a method would place them.
  private static func prompt(_ model: Model, _ hook: Hook) throws {
    let vectors = random([3, 32], "prompt", deviation: 1)
    try hook.place(model, "input") {
      $0.sequence = { sequence, pass in
        (pass.cache?.length ?? 0) > 0 ? sequence : try sequence.prepending(vectors)
      }
    }
  }

  /// Word by word from the whole text, without a cache.
  private func recomputed(_ model: Model, _ rows: [[Int]], _ count: Int, _ sampling: Sampling) throws
    -> [[Int]]
  {
    var texts = rows
    for step in 0..<count {
      let logits = try model.logits(texts)
      for row in rows.indices {
        let scores = try logits.at(row, texts[row].count - 1).scalars
        let draw = Chance(seed: sampling.seed).draw(step, purpose: "generate", step: row)
        texts[row].append(sampling.choose(scores, draw: draw))
      }
    }
    return zip(texts, rows).map { Array($0.dropFirst($1.count)) }
  }
}
