import Engine
import Options

extension BLOOM {
  /// Sizes of a BLOOM.
  public struct Form: SizedForm {
    /// Tokens in the vocabulary.
    public var vocabulary = 256
    /// The length of texts that it was made for; slopes set no bound.
    public var context = 64
    /// Numbers a position.
    public var width = 64
    /// Blocks.
    public var layers = 2
    /// Attention heads; a divisor of `width`.
    public var heads = 4
    /// Numbers inside the feed-forward layer; 0 means 4·width, which is all that files can say.
    public var inner = 0
    /// The norms' ε.
    public var epsilon: Float = 1e-5
    /// Whether the head shares the token table.
    public var isTied = true
    /// Classes of a head that answers once a row; 0: a language model.
    public var classes = 0

    /// The defaults: a nano BLOOM.
    public init() {}

    /// Rows for commands and files.
    public static var options: [Option<Form>] {
      textOptions(\.vocabulary, \.context, context: "the length of texts that it is made for")
        + blockOptions().filter { $0.name != "inner" } + [
          Option("tied", \.isTied, "whether the head shares the token table"),
          epsilonOption,
          Option(
            "classes", \.classes, "answer with one of so many classes; 0 goes on with the text",
            in: 0...100_000
          ),
        ]
    }

    /// Throws when the sizes do not fit each other.
    public func checked() throws -> Form {
      try checkHeads(heads, divide: width)
      return filled()
    }

    /// Names and defaults: of the language model, or of the one that answers with classes.
    public var architecture: Architecture { BLOOM.architecture(tied: isTied, classes: classes > 0) }

    /// What all blocks are made of.
    var block: Block.Form {
      var attention = Attention.Form(width: width, heads: heads)
      attention.projection = .interleaved
      attention.blindReadsAll = true
      attention.positions = .slopes(BLOOM.slopes(heads))
      return Block.Form(attention: attention, mlp: .init(inner: inner), norm: .init(epsilon: epsilon))
    }

    /// The names and shapes of all parameters, in the order in which they are built, from the sizes alone.
    public var shapes: [NamedShape] {
      let form = filled(), norm = Norm.Form(epsilon: epsilon)
      return [("embed.weight", [vocabulary, width])] + norm.shapes("embednorm", width)
        + form.blockShapes { _ in form.block } + norm.shapes("norm", width)
        + headShapes(classes: classes, vocabulary: vocabulary, isTied: isTied)
    }
  }

  /// Names and defaults of the architecture.
  static func architecture(tied: Bool, classes: Bool) -> Architecture {
    Architecture(
      title: "bloom", type: "bloom",
      className: classes ? "BloomForSequenceClassification" : "BloomForCausalLM",
      names: body + [.init("head", classes ? "score" : "lm_head")],
      tied: tied && !classes ? [("head.weight", "embed.weight")] : [],
      targets: [
        "lora": ["attn.qkv"], "ia3": ["attn.qkv", "mlp.down"], "norms": ["norm1", "norm2", "norm"],
      ],
      sizes: (context: "seq_length", width: "hidden_size", layers: "n_layer", heads: "n_head"))
  }

  private static let body: [Architecture.Name] = [
    .init("embed", "transformer.word_embeddings"),
    .init("embednorm", "transformer.word_embeddings_layernorm"),
    .init("blocks.*.norm1", "transformer.h.*.input_layernorm"),
    .init("blocks.*.attn.qkv", "transformer.h.*.self_attention.query_key_value"),
    .init("blocks.*.attn.o", "transformer.h.*.self_attention.dense"),
    .init("blocks.*.norm2", "transformer.h.*.post_attention_layernorm"),
    .init("blocks.*.mlp.up", "transformer.h.*.mlp.dense_h_to_4h"),
    .init("blocks.*.mlp.down", "transformer.h.*.mlp.dense_4h_to_h"), .init("norm", "transformer.ln_f"),
  ]

  /// Builds a model of this form.
  public static func model(
    _ form: Form, chance: Chance, source: ((_ name: String, _ shape: [Int]) -> Tensor?)? = nil
  ) throws -> Model {
    let form = try form.checked()
    let config: [(key: String, value: OptionValue)] = [
      ("vocab_size", .integer(form.vocabulary)), ("seq_length", .integer(form.context)),
      ("hidden_size", .integer(form.width)), ("n_layer", .integer(form.layers)),
      ("n_head", .integer(form.heads)), ("layer_norm_epsilon", form.epsilonValue),
      ("tie_word_embeddings", .flag(form.isTied)), ("num_labels", .integer(form.classes)),
    ]
    return try Model(form.architecture, config: config, chance: chance, source: source) {
      try BLOOM($0, form)
    }
  }
}
