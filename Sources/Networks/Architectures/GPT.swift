import Engine
import Options

/// GPT-2's decoder: learned positions, norms before sublayers, fused projection, tanh-GELU, a head tied to the
/// embedding. Radford et al. 2019.
///
///     x = embed[ids] + positions[p]        x = blocks(x)        logits = norm(x)·embedᵀ
public struct GPT: Network {
  /// Names and defaults of the language model.
  public static let architecture = languageModel(tied: true)
  /// The same with a head of its own.
  public static let untied = languageModel(tied: false)
  /// The same with a head for classes, which reads the last token of a row.
  public static let classifier = Architecture(
    title: "gpt", type: "gpt2", className: "GPT2ForSequenceClassification",
    names: body + [.init("head", "score")],
    tied: [], targets: targets, sizes: sizes)

  private static func languageModel(tied: Bool) -> Architecture {
    Architecture(
      title: "gpt", type: "gpt2", className: "GPT2LMHeadModel", names: body + [.init("head", "lm_head")],
      tied: tied ? [("head.weight", "embed.weight")] : [], targets: targets, sizes: sizes)
  }

  private static let sizes = (context: "n_positions", width: "n_embd", layers: "n_layer", heads: "n_head")
  private static let targets = ["lora": ["attn.qkv"], "ia3": ["attn.qkv", "mlp.down"]]
  private static let body: [Architecture.Name] = [
    .init("embed", "transformer.wte"), .init("positions", "transformer.wpe"),
    .init("blocks.*.norm1", "transformer.h.*.ln_1"),
    .init("blocks.*.attn.qkv", "transformer.h.*.attn.c_attn", transposed: true),
    .init("blocks.*.attn.o", "transformer.h.*.attn.c_proj", transposed: true),
    .init("blocks.*.norm2", "transformer.h.*.ln_2"),
    .init("blocks.*.mlp.up", "transformer.h.*.mlp.c_fc", transposed: true),
    .init("blocks.*.mlp.down", "transformer.h.*.mlp.c_proj", transposed: true),
    .init("norm", "transformer.ln_f"),
  ]

  /// The entry, which takes `sequence` edits.
  public let entry: Entry
  /// The token table.
  public let embed: Embedding
  /// The position table.
  public let positions: Embedding
  /// The blocks in order.
  public let blocks: [Block]
  /// The last norm.
  public let norm: Norm
  /// The head: over the token table's weight, or with classes of its own.
  public let output: Linear
  let form: Form

  /// A GPT's site of logits.
  public var head: Site { output.site }
  /// The next token of every position, or a class of each row.
  public var answers: Answers { form.classes > 0 ? .rows : .positions }

  init(_ scope: Scope, _ form: Form) throws {
    self.form = form
    entry = Entry(scope.child("input"), width: form.width)
    embed = try Embedding(
      scope.child("embed"), count: form.vocabulary, width: form.width, start: .normal(0.02))
    positions = try Embedding(
      scope.child("positions"), count: form.context, width: form.width, start: .normal(0.02))
    blocks = try form.blocks(scope) { _ in form.block }
    norm = try Norm(scope.child("norm"), width: form.width, .init(epsilon: form.epsilon))
    output = try Linear.head(scope, embed, classes: form.classes, isTied: form.isTied)
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
      ("layer_norm_epsilon", form.epsilonValue),
      ("tie_word_embeddings", .flag(form.isTied)), ("num_labels", .integer(form.classes)),
    ]
    return try Model(form.architecture, config: config, chance: chance, source: source) { try GPT($0, form) }
  }

  /// Token and position vectors, changed by what is attached to the entry, through all blocks and the last norm.
  public func hidden(_ input: Input, _ pass: Pass) throws -> Hidden {
    try input.check()
    pass.features = input.features
    let entered = try entry(embed(input.ids, pass), mask: input.fullMask, slots: input.slots, pass)
    let shift = pass.extraPositions(at: blocks.map(\.attention.site))
    let places = try entered.places(input.positions, after: shift, context: form.context)
    var x = try entered.sequence.embeddings + positions(places, pass)
    for block in blocks { x = try block(x, pass) }
    pass.cache?.mask = entered.keys
    return Hidden(try norm(x, pass), of: entered.sequence)
  }

  /// The state of each row's last token, which has read all others.
  public func summary(_ hidden: Hidden, _ pass: Pass) throws -> Tensor { try hidden.states(at: hidden.lasts) }

  /// Logits of states.
  public func logits(_ states: Tensor, _ pass: Pass) throws -> Tensor { try output(states, pass) }
}
