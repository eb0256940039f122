import Engine
import FileSystem
import Networks

/// BLOOM in `config.json`. Keys that are missing have the defaults of `transformers`.
extension BLOOM.Form: BaseForm {
  /// `bloom`.
  public static var modelTypes: [String] { ["bloom"] }

  /// Reads sizes; throws for switches that change the computation.
  public init(config: BaseConfig) throws {
    self.init()
    vocabulary = try config.integer("vocab_size", standard: 250_880, in: 2...1_000_000)
    context = try config.integer("seq_length", standard: 2048, in: 2...10_000_000)
    try config.readSizes(into: &self, width: 64, layers: 2, heads: 8, inner: 0)
    inner = try config.integer("n_inner", standard: 4 * width, in: 1...1_048_576)
    epsilon = Float(try config.number("layer_norm_epsilon", standard: 1e-5, in: 0...1))
    isTied = try config.flag("tie_word_embeddings", standard: true)
    try config.require("apply_residual_connection_post_layernorm", among: [false])
    try config.require("n_inner", among: [.integer(4 * width)])
    try config.require("quantization_config", among: [])
    if config.isClassifier { classes = try config.classes() }
    self = try checked()
  }

  /// Builds the model from its file's tensors.
  public func model(
    chance: Chance, source: @escaping (_ name: String, _ shape: [Int]) -> Tensor?
  ) throws -> Model {
    try BLOOM.model(self, chance: chance, source: source)
  }

  /// The sizes, and the switches as Graft computes them.
  public static func config(of model: Model) -> JSON.Object {
    var config: JSON.Object = [
      "apply_residual_connection_post_layernorm": false, "attention_dropout": 0, "hidden_dropout": 0,
    ]
    config.addSizes(of: model)
    return config
  }

  /// None.
  public func isBuffer(_ name: String) -> Bool { false }
}
