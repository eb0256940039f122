import Engine
import Options

extension T5 {
  /// Which family a checkpoint is of: they differ in names and in what a config leaves unsaid.
  public enum Family: String, CaseIterable, Sendable { case t5, mt5 }

  /// Sizes of a T5.
  public struct Form: SizedForm {
    /// Which family it is of.
    public var family = Family.t5
    /// Tokens in the vocabulary.
    public var vocabulary = 256
    /// The most tokens that a text or an answer is asked to have; distances go on beyond.
    public var context = 64
    /// Numbers a position.
    public var width = 64
    /// Blocks of the encoder.
    public var layers = 2
    /// Blocks of the decoder; 0: as many.
    public var decoderLayers = 0
    /// Attention heads.
    public var heads = 4
    /// Numbers a head; 0 means width/heads.
    public var headWidth = 0
    /// Numbers inside the feed-forward layer; 0 means 4·width.
    public var inner = 0
    /// Buckets of distances.
    public var buckets = 32
    /// From where on all distances are one bucket.
    public var distance = 128
    /// What stands inside the feed-forward layer.
    public var activation = FeedForward.Activation.relu
    /// Whether a gate decides what passes there.
    public var isGated = false
    /// Whether the head is the token table's weight.
    public var isTied = true
    /// Whether states are divided by √width before the head; nil: where it is tied.
    public var scales: Bool?
    /// The token that the decoder begins with.
    public var startToken = 0
    /// The token that fills short rows.
    public var padToken = 0
    /// The norms' ε.
    public var epsilon: Float = 1e-6

    /// The defaults: a nano T5.
    public init() {}

    /// Rows for commands and files.
    public static var options: [Option<Form>] {
      textOptions(\.vocabulary, \.context, context: "the most tokens of a text, or of an answer")
        + blockOptions(heads: "attention heads; must divide dim unless kv says how wide they are") + [
          Option(
            "decoder", \.decoderLayers, "blocks of the decoder; 0 is as many as the encoder's", in: 0...1000),
          Option("kv", \.headWidth, "numbers a head; 0 is dim/heads", in: 0...65_536),
          Option("buckets", \.buckets, "buckets of distances", in: 4...65_536),
          Option("distance", \.distance, "from where on distances are one bucket", in: 2...1_000_000),
          Option("act", \.activation, "what stands inside the feed-forward layer"),
          Option("gated", \.isGated, "whether a gate decides what passes there, as in mT5"),
          Option("family", \.family, "whose names a saved folder has"),
          Option("tied", \.isTied, "whether the head is the token table; mT5 has its own"),
          epsilonOption,
        ]
    }

    /// Throws when the sizes do not fit each other.
    public func checked() throws -> Form {
      if headWidth == 0 { try checkHeads(heads, divide: width) }
      guard buckets % 4 == 0, distance > buckets / 2 else {
        throw Failure(
          "buckets=\(buckets) and distance=\(distance) make no scale of distances.",
          cure: "A multiple of 4, and a distance over half of it: buckets=32 distance=128")
      }
      guard !isGated || activation != .gelu else {
        throw Failure(
          "a gate with act=gelu has no name in a T5's config, where gated-gelu is GELU by tanh.",
          cure: "act=gelu-tanh")
      }
      guard heads <= (1 << 24) / max(1, headWidth) else {
        throw Failure("\(heads) heads of \(headWidth) numbers are too wide.", cure: "For example kv=64")
      }
      guard (0..<vocabulary).contains(startToken) else {
        throw Failure(
          "the decoder's start token \(startToken) is not among the \(vocabulary) tokens.",
          cure: "decoder_start_token_id is a token's id, in T5 that of padding: 0")
      }
      var copy = filled()
      if copy.headWidth == 0 { copy.headWidth = width / heads }
      if copy.decoderLayers == 0 { copy.decoderLayers = layers }
      return copy
    }

    /// Blocks of a stack.
    func layers(isDecoder: Bool) -> Int { isDecoder && decoderLayers > 0 ? decoderLayers : layers }

    /// What the last states are multiplied with before the head.
    var scale: Float { scales ?? isTied ? 1 / Float(width).squareRoot() : 1 }

    /// A weight's start by the numbers that it sums.
    func start(of inputs: Int) -> Start { .normal(1 / Float(max(1, inputs)).squareRoot()) }

    /// The norms: only a scale.
    var norm: Norm.Form { .init(kind: .rms, epsilon: epsilon) }

    /// What the blocks of a stack are made of; `relative` is its table of distances.
    func block(isDecoder: Bool, _ relative: RelativeBias? = nil) -> Block.Form {
      var own = Attention.Form(width: width, heads: heads, headWidth: headWidth > 0 ? headWidth : nil)
      (own.hasBias, own.outputHasBias, own.scale) = (false, false, 1)
      own.start = start(of: width)
      own.queryStart = start(of: width * own.headWidth)
      own.outputStart = start(of: own.queryWidth)
      own.isCausal = false
      var cross = own
      cross.isCross = true
      own.isCausal = isDecoder
      own.relative = relative
      var mlp = FeedForward.Form(inner: inner, activation: activation, isGated: isGated, hasBias: false)
      mlp.outputStart = start(of: inner)
      return Block.Form(attention: own, cross: isDecoder ? cross : nil, mlp: mlp, norm: norm)
    }

    /// The names and shapes of all parameters, in the order in which they are built, from the sizes alone.
    public var shapes: [NamedShape] {
      let form = filled()
      let stacks = [("encoder", false), ("decoder", true)].flatMap { name, isDecoder -> [NamedShape] in
        [("\(name).relative.weight", [buckets, heads])]
          + (0..<layers(isDecoder: isDecoder)).flatMap {
            form.block(isDecoder: isDecoder).shapes("\(name).blocks.\($0)")
          } + norm.shapes(name + ".norm", width)
      }
      return [("embed.weight", [vocabulary, width])] + stacks
        + (isTied ? [] : [("head.weight", [vocabulary, width])])
    }
  }

  /// Builds a model of this form.
  public static func model(
    _ form: Form, chance: Chance, source: ((_ name: String, _ shape: [Int]) -> Tensor?)? = nil
  ) throws -> Model {
    let form = try form.checked()
    return try Model(form.architecture, config: form.config, chance: chance, source: source) {
      try T5($0, form)
    }
  }
}
