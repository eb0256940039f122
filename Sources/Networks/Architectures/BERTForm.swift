import Engine
import Options

extension BERT {
  /// Sizes of a BERT.
  public struct Form: SizedForm {
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
    /// What is answered with a class.
    public var each = Each.text
    /// What stands inside the feed-forward layer.
    public var activation = FeedForward.Activation.gelu
    /// The norms' ε.
    public var epsilon: Float = 1e-12

    /// What a head for classes answers.
    public enum Each: String, CaseIterable, Sendable {
      /// The text as a whole, once.
      case text
      /// Each token: token classification, such as the names of people and places.
      case token
    }

    /// The defaults: a nano BERT that tells two classes apart.
    public init() {}

    /// Rows for commands and files.
    public static var options: [Option<Form>] {
      textOptions(\.vocabulary, \.context) + blockOptions() + [
        Option("types", \.types, "token types: segments that are told apart", in: 1...1024),
        Option("classes", \.classes, "classes to answer with", in: 1...100_000),
        Option("each", \.each, "what has a class: the text as a whole, or each token"),
        Option("act", \.activation, "what stands inside the feed-forward layer"),
        epsilonOption,
      ]
    }

    /// Throws when the sizes do not fit each other.
    public func checked() throws -> Form {
      try checkHeads(heads, divide: width)
      return filled()
    }

    /// What all blocks are made of.
    var block: Block.Form {
      var attention = Attention.Form(width: width, heads: heads)
      attention.isCausal = false
      return Block.Form(
        attention: attention, mlp: .init(inner: inner, activation: activation),
        norm: .init(epsilon: epsilon), norms: .after)
    }

    /// The names and shapes of all parameters, in the order in which they are built, from the sizes alone.
    public var shapes: [NamedShape] {
      let form = filled()
      return [
        ("embed.weight", [vocabulary, width]), ("positions.weight", [context, width]),
        ("types.weight", [types, width]),
      ] + NamedShapes.affine("norm", [width]) + form.blockShapes { _ in form.block }
        + (each == .text ? NamedShapes.affine("pooler", [width, width]) : [])
        + NamedShapes.affine("head", [classes, width])
    }
  }

  /// Names and defaults of the architecture with a head for texts.
  public static let architecture = architecture(
    "BertForSequenceClassification", [.init("pooler", "bert.pooler.dense")])
  /// The same with a head for tokens.
  public static let tagger = architecture("BertForTokenClassification", [])

  private static func architecture(_ className: String, _ more: [Architecture.Name]) -> Architecture {
    Architecture(
      title: "bert", type: "bert", className: className,
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
      ] + more + [.init("head", "classifier")],
      tied: [], targets: ["lora": ["attn.q", "attn.v"]],
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
    let config: [(key: String, value: OptionValue)] = [
      ("vocab_size", .integer(form.vocabulary)), ("max_position_embeddings", .integer(form.context)),
      ("hidden_size", .integer(form.width)), ("num_hidden_layers", .integer(form.layers)),
      ("num_attention_heads", .integer(form.heads)), ("intermediate_size", .integer(form.inner)),
      ("type_vocab_size", .integer(form.types)), ("num_labels", .integer(form.classes)),
      ("hidden_act", .text(form.activation.foreignName)),
      ("layer_norm_eps", form.epsilonValue),
    ]
    let architecture = form.each == .text ? architecture : tagger
    return try Model(architecture, config: config, chance: chance, source: source) { try BERT($0, form) }
  }
}
