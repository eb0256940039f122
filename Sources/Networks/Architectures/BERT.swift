import Engine
import Options

/// BERT's encoder with a head for classes: every position sees every other, norms stand after the sums, and the head
/// reads the first token, or each of them. Devlin et al. 2018, arXiv:1810.04805.
///
///     x = norm(embed[ids] + positions[p] + types[t])        x = blocks(x)
///     logits = head(tanh(pooler(x[first])))            or, for a class of each token, head(x)
public struct BERT: Network {
  /// The entry, which takes `sequence` edits: vectors put before the text get positions, a type and the norm as words do.
  public let entry: Entry
  /// The token table.
  public let embed: Embedding
  /// The position table.
  public let positions: Embedding
  /// The table of token types: the segment a token belongs to.
  public let types: Embedding
  /// The norm of the sum of the three.
  public let norm: Norm
  /// The blocks in order.
  public let blocks: [Block]
  /// What is applied to the first token's state before the head; a head for each token has none.
  public let pooler: Linear?
  /// The head.
  public let output: Linear
  let form: Form

  /// The site of the class scores.
  public var head: Site { output.site }
  /// A class of each row, or of each token.
  public var answers: Answers { form.each == .text ? .rows : .tokens }

  init(_ scope: Scope, _ form: Form) throws {
    self.form = form
    let width = form.width, start = Start.normal(0.02)
    entry = Entry(scope.child("input"), width: width)
    embed = try Embedding(scope.child("embed"), count: form.vocabulary, width: width, start: start)
    positions = try Embedding(scope.child("positions"), count: form.context, width: width, start: start)
    types = try Embedding(scope.child("types"), count: form.types, width: width, start: start)
    norm = try Norm(scope.child("norm"), width: width, .init(epsilon: form.epsilon))
    blocks = try form.blocks(scope) { _ in form.block }
    pooler =
      form.each == .token ? nil : try Linear(scope.child("pooler"), in: width, out: width, start: start)
    output = try Linear(scope.child("head"), in: width, out: form.classes, start: start)
  }

  /// Words, changed by what is attached to the entry, with positions and types, through the norm and all blocks.
  public func hidden(_ input: Input, _ pass: Pass) throws -> Hidden {
    try input.check()
    guard pass.cache == nil else {
      throw EngineError.shapes(op: "bert", "an encoder reads a text as a whole and cannot go on with one")
    }
    let entered = try entry(embed(input.ids, pass), mask: input.fullMask, slots: input.slots, pass)
    let sequence = entered.sequence, shift = pass.extraPositions(at: blocks.map(\.attention.site))
    let places = try entered.places(input.positions, after: shift, context: form.context)
    let kinds = sequence.columns.enumerated().map { row, columns in
      columns.map { $0 < 0 ? 0 : input.types?[row][$0] ?? 0 }
    }
    if let wrong = kinds.joined().first(where: { !(0..<form.types).contains($0) }) {
      throw EngineError.shapes(
        op: "types", "token type \(wrong): this model has types 0 to \(form.types - 1)")
    }
    var x = try sequence.embeddings + positions(places, pass) + types(kinds, pass)
    x = try norm(x, pass)
    for block in blocks { x = try block(x, pass) }
    var hidden = Hidden(x, of: sequence)
    hidden.isReadFromFirst = hidden.isReadFromFirst || input.isReadFromFirst
    return hidden
  }

  /// The first token's state through the pooler.
  public func summary(_ hidden: Hidden, _ pass: Pass) throws -> Tensor {
    guard let pooler else {
      throw EngineError.shapes(op: "pooler", "this model answers at every token, not once a row")
    }
    return try pooler(hidden.states(at: hidden.firsts), pass).tanh()
  }

  /// Class scores of summaries, or of all states.
  public func logits(_ states: Tensor, _ pass: Pass) throws -> Tensor { try output(states, pass) }
}
