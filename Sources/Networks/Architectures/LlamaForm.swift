import Engine
import Options

extension Llama {
  /// A family of models that differ from Llama by switches only.
  public enum Family: String, CaseIterable, Sendable {
    case llama, mistral, qwen2, qwen3, gemma

    /// The word in `transformers`' class names: `Qwen2ForCausalLM`.
    var className: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }
  }

  /// Sizes and switches of a Llama, or of a model of its family.
  public struct Form: SizedForm {
    /// Whose switches they are.
    public var family = Family.llama
    /// Tokens in the vocabulary.
    public var vocabulary = 256
    /// The most positions.
    public var context = 64
    /// Numbers a position.
    public var width = 64
    /// Blocks.
    public var layers = 2
    /// Heads of the queries.
    public var heads = 4
    /// Heads of the keys and values, a divisor of `heads`; 0: as many.
    public var keyHeads = 0
    /// Numbers a head; 0: width / heads.
    public var headWidth = 0
    /// Numbers inside the feed-forward layer; 0: 8/3·width, rounded up to a multiple of 8.
    public var inner = 0
    /// What stands in the gate.
    public var activation = FeedForward.Activation.silu
    /// The norms' ε.
    public var epsilon: Float = 1e-6
    /// How positions turn queries and keys.
    public var rotary = Rotary()
    /// How many positions back a query sees; 0: all.
    public var window = 0
    /// The first block in which it sees no further.
    public var windowFrom = 0
    /// Whether q, k and v have biases.
    public var hasBias = false
    /// Whether the projection after the heads has one.
    public var outputHasBias = false
    /// Whether the feed-forward layers have them.
    public var innerHasBias = false
    /// Whether the head shares the token table.
    public var isTied = false
    /// Classes of a head that answers once a row; 0: a language model.
    public var classes = 0

    /// The defaults: a nano Llama.
    public init() {}

    /// Rows for commands and files.
    public static var options: [Option<Form>] {
      [
        Option("vocab", \.vocabulary, "tokens in the vocabulary", in: 2...1_000_000),
        Option("ctx", \.context, "the most positions", in: 2...1_000_000),
      ]
        + blockOptions(
          heads: "heads of the queries; must divide dim, unless headdim says their width",
          inner: "8/3·dim, up to a multiple of 8")
        + [
          Option("kv", \.keyHeads, "heads of keys and values, which queries share; 0: heads", in: 0...1024),
          Option("headdim", \.headWidth, "numbers a head; 0 is dim/heads", in: 0...4096),
          Option("theta", \.rotary.theta, "θ of the rotary positions", in: 1...1e9),
          Option("rope", \.rotary.kind, "how rotary positions are stretched"),
          Option("factor", \.rotary.factor, "by how much", in: 1...1024),
          Option("window", \.window, "how many positions back a query sees; 0: all", in: 0...1_000_000),
          Option("family", \.family, "whose switches: norms, biases and scales differ"),
          Option("tied", \.isTied, "whether the head shares the token table"),
          epsilonOption,
          Option(
            "classes", \.classes, "answer with one of so many classes; 0 goes on with the text",
            in: 0...100_000),
        ]
    }

    /// 8/3·width, rounded up to a multiple of 8.
    public var usualInner: Int { (8 * width / 3 + 7) / 8 * 8 }

    /// Throws when the sizes do not fit each other.
    public func checked() throws -> Form {
      var copy = filled()
      if headWidth == 0 {
        try checkHeads(heads, divide: width)
        copy.headWidth = width / heads
      }
      if keyHeads == 0 { copy.keyHeads = heads }
      guard heads % copy.keyHeads == 0 else {
        let near = (1...heads).filter { heads % $0 == 0 }.map(String.init).joined(separator: " ")
        throw Failure("kv=\(keyHeads) does not divide heads=\(heads).", cure: "Numbers that do: \(near)")
      }
      guard copy.headWidth % 2 == 0 else {
        throw Failure(
          "heads of \(copy.headWidth) numbers cannot be turned: rotary positions turn pairs.",
          cure: "Choose dim and heads so that dim/heads is even, or say headdim=\(copy.headWidth + 1)")
      }
      return copy
    }

    /// The same with the switches that its family always has: Qwen2's biases, Gemma's activation.
    public var withSwitches: Form {
      var copy = self
      if family == .qwen2 { copy.hasBias = true }
      if family == .gemma { (copy.activation, copy.isTied) = (.geluTanh, true) }
      return copy
    }

    /// Names and defaults: of the language model, or of the one that answers with classes.
    public var architecture: Architecture { Llama.architecture(family, tied: isTied, classes: classes > 0) }

    /// The norms of the family.
    var norm: Norm.Form { Norm.Form(kind: family == .gemma ? .gemma : .rms, epsilon: epsilon) }

    /// What a block is made of.
    func block(_ layer: Int) -> Block.Form {
      var attention = Attention.Form(width: width, heads: heads, keyHeads: keyHeads, headWidth: headWidth)
      (attention.hasBias, attention.outputHasBias) = (hasBias, outputHasBias)
      attention.positions = .rotary
      attention.window = window > 0 && layer >= windowFrom ? window : nil
      if family == .qwen3 { attention.norms = norm }
      let mlp = FeedForward.Form(
        inner: inner, activation: activation, isGated: true, hasBias: innerHasBias)
      return Block.Form(attention: attention, mlp: mlp, norm: norm)
    }

    /// The names and shapes of all parameters, in the order in which they are built, from the sizes alone.
    public var shapes: [NamedShape] {
      let form = (try? checked()) ?? filled()
      return [("embed.weight", [vocabulary, width])] + form.blockShapes { form.block($0) }
        + norm.shapes("norm", width)
        + headShapes(classes: classes, vocabulary: vocabulary, isTied: isTied)
    }
  }

  private static let body: [Architecture.Name] = [
    .init("embed", "model.embed_tokens"), .init("blocks.*.norm1", "model.layers.*.input_layernorm"),
    .init("blocks.*.attn.q", "model.layers.*.self_attn.q_proj"),
    .init("blocks.*.attn.k", "model.layers.*.self_attn.k_proj"),
    .init("blocks.*.attn.v", "model.layers.*.self_attn.v_proj"),
    .init("blocks.*.attn.qnorm", "model.layers.*.self_attn.q_norm"),
    .init("blocks.*.attn.knorm", "model.layers.*.self_attn.k_norm"),
    .init("blocks.*.attn.o", "model.layers.*.self_attn.o_proj"),
    .init("blocks.*.norm2", "model.layers.*.post_attention_layernorm"),
    .init("blocks.*.mlp.gate", "model.layers.*.mlp.gate_proj"),
    .init("blocks.*.mlp.up", "model.layers.*.mlp.up_proj"),
    .init("blocks.*.mlp.down", "model.layers.*.mlp.down_proj"), .init("norm", "model.norm"),
  ]

  /// Names and defaults of a family.
  static func architecture(_ family: Family, tied: Bool, classes: Bool) -> Architecture {
    let isLike: Set<Family> = [.llama, .mistral]
    return Architecture(
      title: family.rawValue, type: family.rawValue,
      className: family.className + (classes ? "ForSequenceClassification" : "ForCausalLM"),
      names: body + [.init("head", classes ? "score" : "lm_head")],
      tied: tied && !classes ? [("head.weight", "embed.weight")] : [],
      targets: [
        "lora": ["attn.q", "attn.v"],
        // As peft has it: keys and values, but queries and values in the younger families.
        "ia3": isLike.contains(family)
          ? ["attn.k", "attn.v", "mlp.down"] : ["attn.q", "attn.v", "mlp.down"],
      ],
      sizes: (
        context: "max_position_embeddings", width: "hidden_size", layers: "num_hidden_layers",
        heads: "num_attention_heads"
      ))
  }

  /// Builds a model of this form.
  public static func model(
    _ form: Form, chance: Chance, source: ((_ name: String, _ shape: [Int]) -> Tensor?)? = nil
  ) throws -> Model {
    let form = try form.checked()
    return try Model(form.architecture, config: form.config, chance: chance, source: source) {
      try Llama($0, form)
    }
  }
}

extension Llama.Form {
  /// The sizes and switches as `config.json` names them; those of rotary positions stand in one object there.
  var config: [(key: String, value: OptionValue)] {
    [
      ("vocab_size", .integer(vocabulary)), ("max_position_embeddings", .integer(context)),
      ("hidden_size", .integer(width)), ("num_hidden_layers", .integer(layers)),
      ("num_attention_heads", .integer(heads)), ("num_key_value_heads", .integer(keyHeads)),
      ("head_dim", .integer(headWidth)), ("intermediate_size", .integer(inner)),
      (
        "hidden_act",
        .text(family == .gemma && activation == .geluTanh ? "gelu_pytorch_tanh" : activation.foreignName)
      ),
      ("rms_norm_eps", epsilonValue), ("tie_word_embeddings", .flag(isTied)),
      ("num_labels", .integer(classes)),
    ] + switches + rotaryConfig
  }

  private var switches: [(key: String, value: OptionValue)] {
    let biases: [(String, OptionValue)] = [("attention_bias", .flag(outputHasBias))]
    let windows: [(String, OptionValue)] = [
      ("use_sliding_window", .flag(window > 0)), ("max_window_layers", .integer(windowFrom)),
    ]
    let size: [(String, OptionValue)] = window > 0 ? [("sliding_window", .integer(window))] : []
    switch family {
    case .llama: return biases + [("mlp_bias", .flag(innerHasBias))]
    case .gemma: return biases
    case .mistral: return size
    case .qwen2: return windows + size
    case .qwen3: return biases + windows + size
    }
  }

  private var rotaryConfig: [(key: String, value: OptionValue)] {
    func number(_ x: Float) -> OptionValue { .number(Double("\(x)") ?? Double(x)) }
    let r = rotary
    var all: [(String, OptionValue)] = [
      ("rope_theta", number(r.theta)), ("rope_type", .text(r.kind.rawValue)),
    ]
    if r.kind != .usual { all.append(("factor", number(r.factor))) }
    if r.kind == .llama3 || r.kind == .yarn {
      all.append(("original_max_position_embeddings", .integer(r.original > 0 ? r.original : context)))
    }
    if r.kind == .llama3 {
      all += [("low_freq_factor", number(r.low)), ("high_freq_factor", number(r.high))]
    }
    if r.kind == .yarn {
      all += [("beta_fast", number(r.fast)), ("beta_slow", number(r.slow))]
      if r.attention > 0 { all.append(("attention_factor", number(r.attention))) }
      if r.numerator != 0 { all.append(("mscale", number(r.numerator))) }
      if r.denominator != 0 { all.append(("mscale_all_dim", number(r.denominator))) }
      if !r.isTruncated { all.append(("truncate", .flag(false))) }
    }
    return all.map { ("rope_parameters." + $0.0, $0.1) }
  }
}
