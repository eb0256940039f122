import Engine
import Options

/// GPT-2's decoder: learned positions, norms before sublayers, fused projection, tanh-GELU, a head tied to the
/// embedding. Radford et al. 2019.
///
///     x = embed[ids] + positions[p]        x = blocks(x)        logits = norm(x)·embedᵀ
public struct GPT: Network {
  /// Sizes of a GPT.
  public struct Form: Sendable {
    /// Tokens in the vocabulary.
    public var vocabulary = 256
    /// The most positions.
    public var context = 64
    /// Numbers a position.
    public var width = 64
    /// Blocks.
    public var layers = 2
    /// Attention heads; a divisor of `width`.
    public var heads = 4
    /// Numbers inside the feed-forward layer; 0 means 4·width.
    public var inner = 0
    /// The norms' ε.
    public var epsilon: Float = 1e-5

    /// The defaults: a nano GPT.
    public init() {}

    /// Rows for commands and files.
    public static var options: [Option<Form>] {
      [
        Option("vocab", \.vocabulary, "tokens in the vocabulary", in: 2...1_000_000),
        Option("ctx", \.context, "the most positions", in: 2...1_000_000),
        Option("dim", \.width, "numbers a position (width)", in: 2...65_536),
        Option("layers", \.layers, "blocks", in: 1...1000),
        Option("heads", \.heads, "attention heads; must divide dim", in: 1...1024),
        Option("inner", \.inner, "numbers inside the feed-forward layer; 0 is 4·dim", in: 0...1_048_576),
        Option("eps", \.epsilon, "the norms' ε", in: 0...1),
      ]
    }

    /// Throws when the sizes do not fit each other.
    public func checked() throws -> Form {
      guard width % heads == 0 else {
        let near = (1...width).filter { width % $0 == 0 }.map(String.init).prefix(12).joined(separator: " ")
        throw Failure("heads=\(heads) does not divide dim=\(width).", cure: "Heads that do: \(near)")
      }
      var copy = self
      if copy.inner == 0 { copy.inner = 4 * width }
      return copy
    }

    /// Numbers in all parameters, from the sizes alone.
    public var count: Int {
      let inner = inner == 0 ? 4 * width : inner
      let block =
        4 * width + (3 * width * width + 3 * width) + (width * width + width)
        + (2 * width * inner + inner + width)
      return (vocabulary + context) * width + layers * block + 2 * width
    }
  }

  /// Names and defaults of the architecture.
  public static let architecture = Architecture(
    type: "gpt2", className: "GPT2LMHeadModel",
    names: [
      .init("embed", "transformer.wte"), .init("positions", "transformer.wpe"),
      .init("blocks.*.norm1", "transformer.h.*.ln_1"),
      .init("blocks.*.attn.qkv", "transformer.h.*.attn.c_attn", transposed: true),
      .init("blocks.*.attn.o", "transformer.h.*.attn.c_proj", transposed: true),
      .init("blocks.*.norm2", "transformer.h.*.ln_2"),
      .init("blocks.*.mlp.up", "transformer.h.*.mlp.c_fc", transposed: true),
      .init("blocks.*.mlp.down", "transformer.h.*.mlp.c_proj", transposed: true),
      .init("norm", "transformer.ln_f"), .init("head", "lm_head"),
    ],
    tied: [("head.weight", "embed.weight")],
    targets: ["lora": ["attn.qkv"], "ia3": ["attn.qkv", "mlp.down"]],
    sizes: (context: "n_positions", width: "n_embd", layers: "n_layer", heads: "n_head"))

  /// The entry, which takes `sequence` edits.
  public let entry: Site
  /// The token table.
  public let embed: Embedding
  /// The position table.
  public let positions: Embedding
  /// The blocks in order.
  public let blocks: [Block]
  /// The last norm.
  public let norm: LayerNorm
  /// The head, over the token table's weight.
  public let output: Linear
  let form: Form

  /// A GPT's site of logits.
  public var head: Site { output.site }

  init(_ scope: Scope, _ form: Form) throws {
    self.form = form
    entry = scope.child("input").site(.entry, width: (form.width, form.width))
    embed = try Embedding(
      scope.child("embed"), count: form.vocabulary, width: form.width, start: .normal(0.02))
    positions = try Embedding(
      scope.child("positions"), count: form.context, width: form.width, start: .normal(0.02))
    blocks = try (0..<form.layers).map { try Block(scope.child("blocks").child($0), form) }
    norm = try LayerNorm(scope.child("norm"), width: form.width, epsilon: form.epsilon)
    output = Linear(scope.child("head"), tied: embed.weight)
  }

  /// Builds a model of this form.
  public static func model(
    _ form: Form, chance: Chance, source: ((_ name: String, _ shape: [Int]) -> Tensor?)? = nil
  ) throws -> Model {
    let form = try form.checked()
    let config: [(key: String, value: OptionValue)] = [
      ("vocab_size", .integer(form.vocabulary)), ("n_positions", .integer(form.context)),
      ("n_embd", .integer(form.width)),
      ("n_layer", .integer(form.layers)), ("n_head", .integer(form.heads)), ("n_inner", .integer(form.inner)),
      ("layer_norm_epsilon", .number(Double("\(form.epsilon)") ?? 1e-5)),
    ]
    return try Model(architecture, config: config, chance: chance, source: source) { try GPT($0, form) }
  }

  /// Token and position vectors, changed by what is attached to the entry, through all blocks and the last norm.
  public func hidden(_ input: Input, _ pass: Pass) throws -> Hidden {
    try input.check()
    let mask = input.mask ?? input.ids.map { Array(repeating: 1, count: $0.count) }
    var sequence = Sequence(embeddings: try embed(input.ids, pass), mask: mask, slots: input.slots)
    for edit in entry.edits(pass) { sequence = try edit.sequence?(sequence, pass) ?? sequence }
    pass.trace?.record(entry, sequence.embeddings, sequence.embeddings)
    let known = pass.cache?.mask ?? []
    let past = known.isEmpty ? mask.map { _ in [] } : known
    let shift = pass.extraPositions(at: blocks.map(\.attention.site))
    let places = try self.places(input, sequence, past, after: shift)
    let all = zip(past, sequence.mask).map { $0 + $1 }
    pass.keyMask = all.contains { $0.contains(0) } ? KeyMask(all) : nil
    var x = try sequence.embeddings + positions(places, pass)
    for block in blocks { x = try block(x, pass) }
    pass.cache?.mask = all
    return Hidden(states: try norm(x, pass), columns: sequence.columns)
  }

  /// Logits of states.
  public func logits(_ states: Tensor, _ pass: Pass) throws -> Tensor { try output(states, pass) }

  /// Positions counted over real tokens, cached and added ones included, or given ones after the added; a prefix's
  /// keys come before them all. Throws when they exceed the context.
  private func places(_ input: Input, _ sequence: Sequence, _ past: [[UInt8]], after shift: Int) throws
    -> [[Int]]
  {
    let places = sequence.mask.indices.map { row -> [Int] in
      var next = shift + past[row].reduce(0) { $0 + Int($1) }, added = shift
      let given = input.positions?[row]
      return zip(sequence.mask[row], sequence.columns[row]).map { real, column in
        defer { next += Int(real) }
        if column < 0 { added += 1 } else if let given { return given[column] + added }
        return real == 0 ? 0 : next
      }
    }
    let most = places.flatMap { $0 }.max() ?? 0
    guard most < form.context else {
      let added = shift + (sequence.columns.first?.filter { $0 < 0 }.count ?? 0)
      let detail = added > 0 ? " (\(added) of them added by a method)" : ""
      throw EngineError.shapes(
        op: "positions", "\(most + 1) positions\(detail) do not fit the context of \(form.context)")
    }
    return places
  }
}
