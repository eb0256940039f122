import Engine
import Options

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// BLOOM's decoder: no positions but slopes on the scores (ALiBi), a norm after the embedding, q, k and v interleaved
/// by head in one projection. Le Scao et al. 2022, arXiv:2211.05100; ALiBi: Press et al. 2021, arXiv:2108.12409.
///
///     x = norm(embed[ids])        x = blocks(x)        logits = norm(x)·embedᵀ
///     score(i, j) = q_i·k_j/√d + slope·(position of j)        the slopes of h heads: 2^(−8/h), 2^(−16/h), …
public struct BLOOM: Network {
  /// The entry, which takes `sequence` edits: vectors put before the text go through the norm as words do.
  public let entry: Entry
  /// The token table.
  public let embed: Embedding
  /// The norm of the embeddings.
  public let embedNorm: Norm
  /// The blocks in order.
  public let blocks: [Block]
  /// The last norm.
  public let norm: Norm
  /// The head: over the token table's weight, or a weight of its own.
  public let output: Linear
  let form: Form

  /// The site of logits.
  public var head: Site { output.site }
  /// The next token of every position, or a class of each row.
  public var answers: Answers { form.classes > 0 ? .rows : .positions }

  init(_ scope: Scope, _ form: Form) throws {
    self.form = form
    let norm = Norm.Form(epsilon: form.epsilon)
    entry = Entry(scope.child("input"), width: form.width)
    embed = try Embedding(
      scope.child("embed"), count: form.vocabulary, width: form.width, start: .normal(0.02))
    embedNorm = try Norm(scope.child("embednorm"), width: form.width, norm)
    blocks = try form.blocks(scope) { _ in form.block }
    self.norm = try Norm(scope.child("norm"), width: form.width, norm)
    output = try Linear.head(scope, embed, classes: form.classes, isTied: form.isTied)
  }

  /// Slopes of so many heads: a geometric row from 2^(−8/h); where h is no power of two, that of the power below, and
  /// every second one of the power above.
  static func slopes(_ heads: Int) -> [Float] {
    func row(_ count: Int) -> [Float] { (1...count).map { Float(pow(2, -8 * Double($0) / Double(count))) } }
    var power = 1
    while 2 * power <= heads { power *= 2 }
    return Array(
      (row(power) + row(2 * power).enumerated().filter { $0.offset % 2 == 0 }.map(\.element)).prefix(heads))
  }

  /// Token vectors, changed by what is attached to the entry, through the norm, all blocks and the last norm.
  public func hidden(_ input: Input, _ pass: Pass) throws -> Hidden {
    try input.check()
    pass.features = input.features
    let entered = try entry(embed(input.ids, pass), mask: input.fullMask, slots: input.slots, pass)
    pass.counted = entered.counted(after: pass.extraPositions(at: blocks.map(\.attention.site)))
    var x = try embedNorm(entered.sequence.embeddings, pass)
    for block in blocks { x = try block(x, pass) }
    pass.cache?.mask = entered.keys
    return Hidden(try norm(x, pass), of: entered.sequence)
  }

  /// The state of each row's last token, which has read all others.
  public func summary(_ hidden: Hidden, _ pass: Pass) throws -> Tensor { try hidden.states(at: hidden.lasts) }

  /// Logits of states.
  public func logits(_ states: Tensor, _ pass: Pass) throws -> Tensor { try output(states, pass) }
}
