import Engine
import FileSystem
import Networks

/// BERT in `config.json`. Keys that are missing have the defaults of `transformers`.
extension BERT.Form: BaseForm {
  /// `bert`.
  public static var modelTypes: [String] { [BERT.architecture.type] }
  /// BERT's names.
  public var architecture: Architecture { each == .text ? BERT.architecture : BERT.tagger }
  /// The same without a pooler.
  public var ofTokens: BERT.Form? {
    var form = self
    form.each = .token
    return form
  }

  /// Reads sizes; throws for switches that change the computation.
  public init(config: BaseConfig) throws {
    self.init()
    vocabulary = try config.integer("vocab_size", standard: 30_522, in: 2...1_000_000)
    context = try config.integer("max_position_embeddings", standard: 512, in: 2...1_000_000)
    try config.readSizes(into: &self, width: 768, layers: 12, heads: 12, inner: 3072)
    types = try config.integer("type_vocab_size", standard: 2, in: 1...1024)
    epsilon = Float(try config.number("layer_norm_eps", standard: 1e-12, in: 0...1))
    activation = try config.activation("hidden_act", standard: .gelu)
    try config.require("position_embedding_type", among: ["absolute"])
    try config.require("is_decoder", among: [false])
    try config.require("add_cross_attention", among: [false])
    try config.require("quantization_config", among: [])
    classes = try config.classes()
    each = config.isTagger ? .token : .text
    self = try checked()
  }

  /// Builds the model from its file's tensors.
  public func model(
    chance: Chance, source: @escaping (_ name: String, _ shape: [Int]) -> Tensor?
  ) throws -> Model {
    try BERT.model(self, chance: chance, source: source)
  }

  /// The sizes, and the switches as Graft computes them.
  public static func config(of model: Model) -> JSON.Object {
    var config: JSON.Object = [
      "attention_probs_dropout_prob": 0, "hidden_dropout_prob": 0, "position_embedding_type": "absolute",
    ]
    config.addSizes(of: model)
    return config
  }

  /// The head and the pooler, which a model trained on missing words is without.
  public func isOfTask(_ name: String) -> Bool { name.hasPrefix("head.") || name.hasPrefix("pooler.") }

  /// The numbers of the positions, which older files hold, and the pooler, which a head for each token does without.
  public func isBuffer(_ name: String) -> Bool {
    let isPooler = name.hasPrefix("bert.pooler.") || name.hasPrefix("pooler.")
    return name.hasSuffix("embeddings.position_ids") || each == .token && isPooler
  }
}
