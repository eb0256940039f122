import Engine
import Options

/// Llama's decoder: rotary positions, RMS norms before sublayers, a gated feed-forward layer, queries that may share
/// keys. Touvron et al. 2023, arXiv:2302.13971. Mistral, Qwen2, Qwen3, Gemma and SmolLM are the same with other switches.
///
///     x = embed[ids]        x = blocks(x)        logits = norm(x)·headᵀ
///
/// Gemma multiplies the embeddings by √width and counts its norms' weights from 1; Qwen3 has norms of each head's
/// queries and keys; Mistral's queries see a window.
public struct Llama: Network {
  /// The entry, which takes `sequence` edits.
  public let entry: Entry
  /// The token table.
  public let embed: Embedding
  /// The blocks in order.
  public let blocks: [Block]
  /// The last norm.
  public let norm: Norm
  /// The head: a weight of its own, or the token table's.
  public let output: Linear
  let form: Form

  /// The site of logits.
  public var head: Site { output.site }
  /// The next token of every position, or a class of each row.
  public var answers: Answers { form.classes > 0 ? .rows : .positions }

  init(_ scope: Scope, _ form: Form) throws {
    self.form = form
    let start = Start.normal(0.02)
    entry = Entry(scope.child("input"), width: form.width)
    embed = try Embedding(scope.child("embed"), count: form.vocabulary, width: form.width, start: start)
    blocks = try form.blocks(scope) { form.block($0) }
    norm = try Norm(scope.child("norm"), width: form.width, form.norm)
    output = try Linear.head(scope, embed, classes: form.classes, isTied: form.isTied)
    norm.site.readers = [output.site]
  }

  /// Token vectors, changed by what is attached to the entry, through all blocks and the last norm.
  public func hidden(_ input: Input, _ pass: Pass) throws -> Hidden {
    try input.check()
    pass.features = input.features
    var words = try embed(input.ids, pass)
    if form.family == .gemma { words = try words.scaled(by: Float(form.width).squareRoot()) }
    let entered = try entry(words, mask: input.fullMask, slots: input.slots, pass)
    let shift = pass.extraPositions(at: blocks.map(\.attention.site))
    let places = try entered.places(input.positions, after: shift, context: Rotary.bound)
    let length = (places.joined().max() ?? 0) + 1
    let turns = form.rotary.frequencies(form.headWidth, context: form.context, length: length)
    pass.angles = RotaryAngles(places, frequencies: turns.all, factor: turns.factor)
    var x = entered.sequence.embeddings
    for block in blocks { x = try block(x, pass) }
    pass.cache?.mask = entered.keys
    return Hidden(try norm(x, pass), of: entered.sequence)
  }

  /// The state of each row's last token, which has read all others.
  public func summary(_ hidden: Hidden, _ pass: Pass) throws -> Tensor { try hidden.states(at: hidden.lasts) }

  /// Logits of states.
  public func logits(_ states: Tensor, _ pass: Pass) throws -> Tensor { try output(states, pass) }
}
