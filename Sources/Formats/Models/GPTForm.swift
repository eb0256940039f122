import Engine
import FileSystem
import Networks

/// GPT-2 in `config.json`. Keys that are missing have the defaults of `transformers`.
extension GPT.Form: BaseForm {
  /// `gpt2`.
  public static var modelTypes: [String] { [GPT.architecture.type] }

  /// Reads sizes; throws for switches that change the computation.
  public init(config: BaseConfig) throws {
    self.init()
    vocabulary = try config.integer("vocab_size", standard: 50_257, in: 2...1_000_000)
    context = try config.integer(
      "n_positions", "max_position_embeddings", "n_ctx", standard: 1024, in: 2...1_000_000)
    try config.readSizes(into: &self, width: 768, layers: 12, heads: 12, inner: 0)
    inner = try config.integer("n_inner", standard: 4 * width, in: 1...1_048_576)
    epsilon = Float(try config.number("layer_norm_epsilon", standard: 1e-5, in: 0...1))
    try config.require("activation_function", among: ["gelu_new", "gelu_pytorch_tanh"])
    try config.require("scale_attn_weights", among: [true])
    try config.require("scale_attn_by_inverse_layer_idx", among: [false])
    try config.require("add_cross_attention", among: [false])
    isTied = try config.flag("tie_word_embeddings", standard: true)
    try config.require("quantization_config", among: [])
    if config.isClassifier { classes = try config.classes() }
    self = try checked()
  }

  /// Builds the model from its file's tensors.
  public func model(
    chance: Chance, source: @escaping (_ name: String, _ shape: [Int]) -> Tensor?
  ) throws -> Model {
    try GPT.model(self, chance: chance, source: source)
  }

  /// The sizes, and the switches as Graft computes them.
  public static func config(of model: Model) -> JSON.Object {
    var config: JSON.Object = [
      "activation_function": "gelu_new", "attn_pdrop": 0, "embd_pdrop": 0, "resid_pdrop": 0,
    ]
    config.addSizes(of: model)
    if let width = model.size("n_embd"), model.size("n_inner") == 4 * width { config["n_inner"] = .null }
    return config
  }

  /// The causal mask, which GPT-2's files held in early years.
  public func isBuffer(_ name: String) -> Bool {
    name.hasSuffix(".attn.bias") || name.hasSuffix(".attn.masked_bias")
  }
}
