import Engine
import FileSystem
import Networks

/// GPT-2 in `config.json`. Keys that are missing have the defaults of `transformers`.
extension GPT.Form: BaseForm {
  /// `gpt2`.
  public static var type: String { GPT.architecture.type }

  /// Reads sizes; throws for switches that change the computation.
  public init(config: BaseConfig) throws {
    self.init()
    vocabulary = try config.integer("vocab_size", standard: 50_257, in: 2...1_000_000)
    context = try config.integer(
      "n_positions", "max_position_embeddings", "n_ctx", standard: 1024, in: 2...1_000_000)
    width = try config.integer("n_embd", "hidden_size", standard: 768, in: 2...65_536)
    layers = try config.integer("n_layer", "num_hidden_layers", standard: 12, in: 1...1000)
    heads = try config.integer("n_head", "num_attention_heads", standard: 12, in: 1...1024)
    inner = try config.integer("n_inner", standard: 4 * width, in: 1...1_048_576)
    epsilon = Float(try config.number("layer_norm_epsilon", standard: 1e-5, in: 0...1))
    try config.require("activation_function", among: ["gelu_new", "gelu_pytorch_tanh"])
    try config.require("scale_attn_weights", among: [true])
    try config.require("scale_attn_by_inverse_layer_idx", among: [false])
    try config.require("add_cross_attention", among: [false])
    try config.require("tie_word_embeddings", among: [true])
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
      "tie_word_embeddings": true,
    ]
    config.addSizes(of: model)
    if let width = model.size("n_embd"), model.size("n_inner") == 4 * width { config["n_inner"] = .null }
    return config
  }

  /// The causal mask, which GPT-2's files held in early years.
  public static func isBuffer(_ name: String) -> Bool {
    name.hasSuffix(".attn.bias") || name.hasSuffix(".attn.masked_bias")
  }
}
