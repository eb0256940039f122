import Engine
import FileSystem
import Networks

/// T5 and mT5 in `config.json`. Keys that are missing have the defaults of `transformers`, which differ by family.
///
/// Whether the head is the token table is what the file shows. Whether states are scaled before it, version 5 of
/// `transformers` says by `scale_decoder_outputs`; version 4 scaled where `tie_word_embeddings` was not false. Version 5
/// writes `tie_word_embeddings: true` for every mT5 and scales none.
extension T5.Form: BaseForm {
  /// `t5` and `mt5`.
  public static var modelTypes: [String] { T5.Family.allCases.map(\.rawValue) }
  /// It answers with words.
  public var classes: Int {
    get { 0 }
    set {}
  }

  /// Reads sizes; throws for switches that change the computation.
  public init(config: BaseConfig) throws {
    self.init()
    family = config.value("model_type")?.asString.flatMap(T5.Family.init) ?? .t5
    let isOld = family == .t5
    vocabulary = try config.integer("vocab_size", standard: isOld ? 32_128 : 250_112, in: 2...1_000_000)
    context = try config.integer("n_positions", standard: 512, in: 2...1_000_000)
    width = try config.integer("d_model", "hidden_size", standard: 512, in: 2...65_536)
    layers = try config.integer("num_layers", "num_hidden_layers", standard: isOld ? 6 : 8, in: 1...1000)
    decoderLayers = try config.integer("num_decoder_layers", standard: layers, in: 1...1000)
    heads = try config.integer("num_heads", "num_attention_heads", standard: isOld ? 8 : 6, in: 1...1024)
    headWidth = try config.integer("d_kv", "head_dim", standard: 64, in: 1...65_536)
    inner = try config.integer("d_ff", standard: isOld ? 2048 : 1024, in: 1...1_048_576)
    buckets = try config.integer("relative_attention_num_buckets", standard: 32, in: 4...65_536)
    distance = try config.integer("relative_attention_max_distance", standard: 128, in: 2...1_000_000)
    epsilon = Float(try config.number("layer_norm_epsilon", standard: 1e-6, in: 0...1))
    startToken = try config.integer(
      "decoder_start_token_id", "pad_token_id", standard: 0, in: 0...1_000_000)
    padToken = try config.integer("pad_token_id", standard: 0, in: 0...1_000_000)
    try readActivation(config)
    let saysTied = config.value("tie_word_embeddings").map { $0 != false }
    isTied = saysTied ?? isOld
    scales = config.value("scale_decoder_outputs").map { $0 == true } ?? (isOld && saysTied != false)
    try config.require("is_encoder_decoder", among: [true])
    try config.require("quantization_config", among: [])
    self = try checked()
  }

  private mutating func readActivation(_ config: BaseConfig) throws {
    guard let value = config.value("feed_forward_proj") else {
      (isGated, activation) = family == .t5 ? (false, .relu) : (true, .geluTanh)
      return
    }
    let text = value.asString ?? ""
    isGated = text.hasPrefix("gated-")
    let name = isGated ? String(text.dropFirst("gated-".count)) : text
    // T5's gated-gelu is GELU by tanh, whatever the name says elsewhere.
    let known = FeedForward.Activation(foreignName: text == "gated-gelu" ? "gelu_new" : name)
    guard let known else { return try config.require("feed_forward_proj", among: ["relu", "gated-gelu"]) }
    activation = known
  }

  /// With the head that a file has: one of its own where `lm_head.weight` is there and differs from the token table.
  public func following(_ files: ShardedTensors) throws -> T5.Form {
    var copy = self
    guard files.has("lm_head.weight"), files.has("shared.weight") else {
      copy.isTied = true
      return copy
    }
    copy.isTied = try isTied && files.areCopies("lm_head.weight", "shared.weight")
    return copy
  }

  /// Builds the model from its file's tensors.
  public func model(
    chance: Chance, source: @escaping (_ name: String, _ shape: [Int]) -> Tensor?
  ) throws -> Model {
    try T5.model(self, chance: chance, source: source)
  }

  /// The sizes, and the switches as Graft computes them.
  public static func config(of model: Model) -> JSON.Object {
    var config: JSON.Object = ["dropout_rate": 0, "use_cache": true]
    config.addSizes(of: model)
    return config
  }

  /// A table of distances for cross attention, which the first files held and nothing read.
  public func isBuffer(_ name: String) -> Bool {
    name.hasSuffix("EncDecAttention.relative_attention_bias.weight")
  }
}
