import Engine
import Options

extension BERT {
  /// Sizes of a BERT.
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
    /// Token types: segments that are told apart.
    public var types = 2
    /// Classes to answer with.
    public var classes = 2
    /// What stands inside the feed-forward layer.
    public var activation = FeedForward.Activation.gelu
    /// The norms' ε.
    public var epsilon: Float = 1e-12

    /// The defaults: a nano BERT that tells two classes apart.
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
        Option("types", \.types, "token types: segments that are told apart", in: 1...1024),
        Option("classes", \.classes, "classes to answer with", in: 1...100_000),
        Option("act", \.activation, "what stands inside the feed-forward layer"),
        Option("eps", \.epsilon, "the norms' ε", in: 0...1),
      ]
    }

    /// Throws when the sizes do not fit each other.
    public func checked() throws -> Form {
      try checkHeads(heads, divide: width)
      var copy = self
      if copy.inner == 0 { copy.inner = 4 * width }
      return copy
    }

    /// The names and shapes of all parameters, in the order in which they are built, from the sizes alone.
    public var shapes: [(name: String, shape: [Int])] {
      let inner = inner == 0 ? 4 * width : inner
      var all: [(name: String, shape: [Int])] = [
        ("embed.weight", [vocabulary, width]), ("positions.weight", [context, width]),
        ("types.weight", [types, width]),
      ]
      all += affine("norm", [width])
      for i in 0..<layers {
        let block = "blocks.\(i)."
        for name in ["attn.q", "attn.k", "attn.v", "attn.o"] { all += affine(block + name, [width, width]) }
        all += affine(block + "norm1", [width])
        all += affine(block + "mlp.up", [inner, width]) + affine(block + "mlp.down", [width, inner])
        all += affine(block + "norm2", [width])
      }
      return all + affine("pooler", [width, width]) + affine("head", [classes, width])
    }

    /// Numbers in all parameters, from the sizes alone.
    public var count: Int { shapes.reduce(0) { $0 + $1.shape.reduce(1, *) } }
  }

  /// Names and defaults of the architecture.
  public static let architecture = Architecture(
    title: "bert", type: "bert", className: "BertForSequenceClassification",
    names: [
      .init("embed", "bert.embeddings.word_embeddings"),
      .init("positions", "bert.embeddings.position_embeddings"),
      .init("types", "bert.embeddings.token_type_embeddings"), .init("norm", "bert.embeddings.LayerNorm"),
      .init("blocks.*.attn.q", "bert.encoder.layer.*.attention.self.query"),
      .init("blocks.*.attn.k", "bert.encoder.layer.*.attention.self.key"),
      .init("blocks.*.attn.v", "bert.encoder.layer.*.attention.self.value"),
      .init("blocks.*.attn.o", "bert.encoder.layer.*.attention.output.dense"),
      .init("blocks.*.norm1", "bert.encoder.layer.*.attention.output.LayerNorm"),
      .init("blocks.*.mlp.up", "bert.encoder.layer.*.intermediate.dense"),
      .init("blocks.*.mlp.down", "bert.encoder.layer.*.output.dense"),
      .init("blocks.*.norm2", "bert.encoder.layer.*.output.LayerNorm"),
      .init("pooler", "bert.pooler.dense"), .init("head", "classifier"),
    ],
    tied: [], targets: ["lora": ["attn.q", "attn.v"]],
    sizes: (
      context: "max_position_embeddings", width: "hidden_size", layers: "num_hidden_layers",
      heads: "num_attention_heads"
    ))

  /// Builds a model of this form.
  public static func model(
    _ form: Form, chance: Chance, source: ((_ name: String, _ shape: [Int]) -> Tensor?)? = nil
  ) throws -> Model {
    let form = try form.checked()
    let config: [(key: String, value: OptionValue)] = [
      ("vocab_size", .integer(form.vocabulary)), ("max_position_embeddings", .integer(form.context)),
      ("hidden_size", .integer(form.width)), ("num_hidden_layers", .integer(form.layers)),
      ("num_attention_heads", .integer(form.heads)), ("intermediate_size", .integer(form.inner)),
      ("type_vocab_size", .integer(form.types)), ("num_labels", .integer(form.classes)),
      ("hidden_act", .text(form.activation.foreignName)),
      ("layer_norm_eps", .number(Double("\(form.epsilon)") ?? 1e-12)),
    ]
    return try Model(architecture, config: config, chance: chance, source: source) { try BERT($0, form) }
  }
}

/// Throws when heads do not share a width evenly, with those that would.
func checkHeads(_ heads: Int, divide width: Int) throws {
  guard width % heads != 0 else { return }
  let near = (1...width).filter { width % $0 == 0 }.map(String.init).prefix(12).joined(separator: " ")
  throw Failure("heads=\(heads) does not divide dim=\(width).", cure: "Heads that do: \(near)")
}

/// A weight with its bias, by names and shapes; a weight of one axis has a bias of the same length.
func affine(_ name: String, _ weight: [Int]) -> [(name: String, shape: [Int])] {
  [(name + ".weight", weight), (name + ".bias", [weight[0]])]
}

extension FeedForward.Activation {
  /// `transformers`' name of it.
  public var foreignName: String {
    switch self {
    case .geluTanh: "gelu_new"
    case .gelu: "gelu"
    case .relu: "relu"
    }
  }

  /// Of `transformers`' name; nil for what Graft does not compute.
  public init?(foreignName: String) {
    switch foreignName {
    case "gelu_new", "gelu_pytorch_tanh", "gelu_fast": self = .geluTanh
    case "gelu": self = .gelu
    case "relu": self = .relu
    default: return nil
    }
  }
}
