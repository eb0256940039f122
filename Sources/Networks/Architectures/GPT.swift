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
    /// Classes of a head that answers once a row; 0: a language model.
    public var classes = 0

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
        Option(
          "classes", \.classes, "answer with one of so many classes; 0 goes on with the text", in: 0...100_000
        ),
      ]
    }

    /// Throws when the sizes do not fit each other.
    public func checked() throws -> Form {
      try checkHeads(heads, divide: width)
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
      return (vocabulary + context) * width + layers * block + 2 * width + classes * width
    }
  }

  /// Names and defaults of the language model.
  public static let architecture = Architecture(
    title: "gpt", type: "gpt2", className: "GPT2LMHeadModel", names: body + [.init("head", "lm_head")],
    tied: [("head.weight", "embed.weight")], targets: targets, sizes: sizes)
  /// The same with a head for classes, which reads the last token of a row.
  public static let classifier = Architecture(
    title: "gpt", type: "gpt2", className: "GPT2ForSequenceClassification",
    names: body + [.init("head", "score")],
    tied: [], targets: targets, sizes: sizes)

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
  public let norm: LayerNorm
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
    // GPT-2 shrinks what is added to the residual stream by the number of additions.
    let added = Start.normal(0.02 / Float(2 * form.layers).squareRoot())
    let attention = Attention.Form(width: form.width, heads: form.heads, outputStart: added)
    let block = Block.Form(attention: attention, inner: form.inner, epsilon: form.epsilon)
    blocks = try (0..<form.layers).map { try Block(scope.child("blocks").child($0), block) }
    norm = try LayerNorm(scope.child("norm"), width: form.width, epsilon: form.epsilon)
    output =
      form.classes > 0
      ? try Linear(
        scope.child("head"), in: form.width, out: form.classes, bias: false, start: .normal(0.02))
      : Linear(scope.child("head"), tied: embed.weight)
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
      ("num_labels", .integer(form.classes)),
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
