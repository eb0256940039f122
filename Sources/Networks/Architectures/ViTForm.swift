import Engine
import Options

extension ViT {
  /// Sizes of a vision transformer.
  public struct Form: SizedForm {
    /// Which vision transformer it is.
    public var kind = Kind.vit
    /// Pixels a side.
    public var size = 28
    /// Pixels a side of a patch; a divisor of `size`.
    public var patch = 7
    /// Colours: 1 for grey, 3 for red, green and blue.
    public var channels = 1
    /// Numbers a position.
    public var width = 64
    /// Blocks.
    public var layers = 2
    /// Attention heads; a divisor of `width`.
    public var heads = 4
    /// Numbers inside the feed-forward layer; 0 means 4·width.
    public var inner = 0
    /// Classes to answer with.
    public var classes = 10
    /// What stands inside the feed-forward layer.
    public var activation = FeedForward.Activation.gelu
    /// Whether q, k and v have a bias.
    public var qkvBias = true
    /// The norms' ε.
    public var epsilon: Float = 1e-12

    /// The vision transformers that are made of the same parts.
    public enum Kind: String, CaseIterable, Sendable {
      /// The first one; the head reads the class token.
      case vit
      /// DINOv2's: what sublayers add is scaled, and the head reads the mean of the patches too.
      case dinov2
    }

    /// What the head reads of a picture.
    var headWidth: Int { kind == .dinov2 ? 2 * width : width }

    /// The defaults: a nano ViT for grey pictures of 28×28.
    public init() {}

    /// Rows for commands and files.
    public static var options: [Option<Form>] {
      [
        Option("kind", \.kind, "dinov2 scales what sublayers add, and its head reads the patches' mean too"),
        Option("size", \.size, "pixels a side of a picture", in: 1...4096),
        Option("patch", \.patch, "pixels a side of a patch; must divide size", in: 1...4096),
        Option("channels", \.channels, "1 for grey, 3 for colours", in: 1...64),
      ] + blockOptions() + [
        Option("classes", \.classes, "classes to answer with", in: 1...100_000),
        Option("act", \.activation, "what stands inside the feed-forward layer"),
        Option("bias", \.qkvBias, "whether q, k and v have a bias"),
        epsilonOption,
      ]
    }

    /// How many patches a picture has.
    public var patches: Int { (size / patch) * (size / patch) }

    /// Throws when the sizes do not fit each other.
    public func checked() throws -> Form {
      try checkHeads(heads, divide: width)
      guard size % patch == 0 else {
        let near = (1...size).filter { size % $0 == 0 }.map(String.init).prefix(12).joined(separator: " ")
        throw Failure("patch=\(patch) does not divide size=\(size).", cure: "Patches that do: \(near)")
      }
      guard kind == .vit || filled().inner % width == 0 else {
        throw Failure(
          "inner=\(inner) is no multiple of dim=\(width).", cure: "DINOv2 has 4·dim: inner=\(4 * width)")
      }
      return filled()
    }

    /// What all blocks are made of.
    var block: Block.Form {
      var attention = Attention.Form(width: width, heads: heads)
      attention.isCausal = false
      attention.hasBias = qkvBias
      return Block.Form(
        attention: attention, mlp: .init(inner: inner, activation: activation), norm: .init(epsilon: epsilon),
        layerScale: kind == .dinov2 ? 1 : nil)
    }

    /// The names and shapes of all parameters, in the order in which they are built, from the sizes alone.
    public var shapes: [NamedShape] {
      let form = filled()
      return NamedShapes.affine("patch", [width, channels * patch * patch])
        + [("cls.weight", [1, width]), ("positions.weight", [patches + 1, width])]
        + form.blockShapes { _ in form.block } + NamedShapes.affine("norm", [width])
        + NamedShapes.affine("head", [classes, headWidth])
    }
  }

  /// Names and defaults of the architecture. Files keep the names of `transformers` 4; modules, and so `peft`'s keys,
  /// have those of version 5. `peft` has no default targets here; ours are BERT's.
  public static let architecture = Architecture(
    title: "vit", type: "vit", className: "ViTForImageClassification",
    names: [
      .init("patch", "vit.embeddings.patch_embeddings.projection"),
      .init("cls", "vit.embeddings.cls_token", bare: true),
      .init("positions", "vit.embeddings.position_embeddings", bare: true),
      block("norm1", "layernorm_before"), block("attn.q", "attention.attention.query", "attention.q_proj"),
      block("attn.k", "attention.attention.key", "attention.k_proj"),
      block("attn.v", "attention.attention.value", "attention.v_proj"),
      block("attn.o", "attention.output.dense", "attention.o_proj"), block("norm2", "layernorm_after"),
      block("mlp.up", "intermediate.dense", "mlp.fc1"), block("mlp.down", "output.dense", "mlp.fc2"),
      .init("norm", "vit.layernorm"), .init("head", "classifier"),
    ],
    tied: [], targets: ["lora": ["attn.q", "attn.v"]],
    sizes: (
      context: "", width: "hidden_size", layers: "num_hidden_layers", heads: "num_attention_heads"
    ))

  private static func block(_ own: String, _ file: String, _ module: String? = nil) -> Architecture.Name {
    .init("blocks.*." + own, "vit.encoder.layer.*." + file, module: "vit.layers.*." + (module ?? file))
  }

  /// Builds a model of this form.
  public static func model(
    _ form: Form, chance: Chance, source: ((_ name: String, _ shape: [Int]) -> Tensor?)? = nil
  ) throws -> Model {
    let form = try form.checked()
    let config: [(key: String, value: OptionValue)] = [
      ("image_size", .integer(form.size)), ("patch_size", .integer(form.patch)),
      ("num_channels", .integer(form.channels)), ("hidden_size", .integer(form.width)),
      ("num_hidden_layers", .integer(form.layers)), ("num_attention_heads", .integer(form.heads)),
      form.kind == .dinov2
        ? ("mlp_ratio", .integer(form.inner / form.width)) : ("intermediate_size", .integer(form.inner)),
      ("num_labels", .integer(form.classes)),
      ("hidden_act", .text(form.activation.foreignName)), ("qkv_bias", .flag(form.qkvBias)),
      ("layer_norm_eps", form.epsilonValue),
    ]
    return try Model(form.kind.architecture, config: config, chance: chance, source: source) {
      try ViT($0, form)
    }
  }
}
