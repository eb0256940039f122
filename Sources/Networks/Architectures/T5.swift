import Engine
import Options

/// T5's encoder and decoder, and mT5's: the encoder reads a text as a whole, the decoder writes the answer and reads
/// the encoder's states at every step. Raffel et al. 2019, arXiv:1910.10683; mT5: Xue et al. 2020, arXiv:2010.11934.
///
///     m = norm(encoder(embed[ids]))        h = norm(decoder(embed[answer so far], m))
///     logits = s·h·embedᵀ, s = 1/√width where the head is tied; h·headᵀ where it has a weight of its own
///
/// Distances are counted, not places: one table for all blocks of a stack. Scores are not divided by √headWidth, norms
/// only scale, and no layer has a bias.
public struct T5: Network {
  /// One of the two stacks.
  public struct Stack {
    /// What distances add to the scores, shared by all blocks.
    public let relative: RelativeBias
    /// The blocks in order.
    public let blocks: [Block]
    /// The last norm.
    public let norm: Norm

    init(_ scope: Scope, _ form: Form, isDecoder: Bool) throws {
      relative = try RelativeBias(
        scope.child("relative"), heads: form.heads, buckets: form.buckets, distance: form.distance,
        isCausal: isDecoder, start: form.start(of: form.width))
      let block = form.block(isDecoder: isDecoder, relative)
      blocks = try (0..<form.layers(isDecoder: isDecoder)).map {
        try Block(scope.child("blocks").child($0), block)
      }
      norm = try Norm(scope.child("norm"), width: form.width, form.norm)
    }

    func callAsFunction(_ x: Tensor, _ pass: Pass) throws -> Tensor {
      try norm(blocks.reduce(x) { try $1($0, pass) }, pass)
    }
  }

  /// The table of tokens, of both stacks.
  public let embed: Embedding
  /// The encoder's entry, which takes `sequence` edits.
  public let entry: Entry
  /// What reads the text.
  public let encoder: Stack
  /// What writes the answer.
  public let decoder: Stack
  /// The head: over the token table's weight, or with a weight of its own.
  public let output: Linear
  let form: Form

  /// The site of logits.
  public var head: Site { output.site }
  /// What the decoder begins with.
  public var start: Int? { form.startToken }

  init(_ scope: Scope, _ form: Form) throws {
    self.form = form
    embed = try Embedding(
      scope.child("embed"), count: form.vocabulary, width: form.width, start: .normal(1))
    entry = Entry(scope.child("encoder").child("input"), width: form.width)
    encoder = try Stack(scope.child("encoder"), form, isDecoder: false)
    decoder = try Stack(scope.child("decoder"), form, isDecoder: true)
    output =
      form.isTied
      ? Linear(scope.child("head"), tied: embed.weight)
      : try Linear(
        scope.child("head"), in: form.width, out: form.vocabulary, bias: false,
        start: form.start(of: form.width))
    encoder.norm.site.readers = decoder.blocks.flatMap { $0.cross?.memoryReaders ?? [] }
    decoder.norm.site.readers = [head]
    decoder.norm.site.readerFactor = form.scale
  }

  /// The text through the encoder, unless a cache shows that it was read before, and the answer so far through the
  /// decoder; without one, the start token alone.
  public func hidden(_ input: Input, _ pass: Pass) throws -> Hidden {
    try input.check()
    if pass.memory == nil || (pass.cache?.length ?? 0) == 0 { pass.memory = try read(input, pass) }
    return try write(input, pass)
  }

  private func read(_ input: Input, _ pass: Pass) throws -> Memory {
    let cache = pass.cache
    if (cache?.length ?? 0) > 0 { pass.cache = nil }  // what is read again does not stand behind itself
    defer { pass.cache = cache }
    let sequence = try entry(embed(input.ids, pass), mask: input.fullMask, slots: input.slots, pass).sequence
    let states = try encoder(sequence.embeddings, pass)
    return Memory(states, mask: pass.keyMask, columns: sequence.columns)
  }

  private func write(_ input: Input, _ pass: Pass) throws -> Hidden {
    let ids = input.decoderIDs ?? input.ids.map { _ in [form.startToken] }
    let mask = input.decoderMask ?? ids.map { $0.map { _ in 1 } }
    let known = pass.cache?.mask ?? []
    let keys = known.isEmpty ? mask : zip(known, mask).map { $0 + $1 }
    pass.keyMask = keys.contains { $0.contains(0) } ? KeyMask(keys) : nil
    pass.kinds = nil
    let embeddings = try embed(ids, pass), states = try decoder(embeddings, pass)
    pass.cache?.mask = keys
    return Hidden(
      try form.scale == 1 ? states : states.scaled(by: form.scale),
      of: Sequence(embeddings: embeddings, mask: mask))
  }

  /// Logits of states.
  public func logits(_ states: Tensor, _ pass: Pass) throws -> Tensor { try output(states, pass) }
}
