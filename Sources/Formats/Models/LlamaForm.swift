import Engine
import FileSystem
import Networks
import Options

/// Llama and its family in `config.json`. Keys that are missing have the defaults of `transformers`.
extension Llama.Form: BaseForm {
  /// `llama`, `mistral`, `qwen2`, `qwen3`, `gemma`.
  public static var modelTypes: [String] { Llama.Family.allCases.map(\.rawValue) }

  /// Reads sizes and switches; throws for those that change the computation otherwise.
  public init(config: BaseConfig) throws {
    self.init()
    family = config.value("model_type")?.asString.flatMap(Llama.Family.init(rawValue:)) ?? .llama
    let isGemma = family == .gemma, isQwen = family == .qwen2 || family == .qwen3
    vocabulary = try config.integer(
      "vocab_size", standard: isGemma ? 256_000 : isQwen ? 151_936 : 32_000, in: 2...1_000_000)
    let contexts: [Llama.Family: Int] = [.llama: 2048, .mistral: 131_072, .gemma: 8192]
    context = try config.integer(
      "max_position_embeddings", standard: contexts[family] ?? 32_768, in: 2...10_000_000)
    let inners: [Llama.Family: Int] = [.llama: 11_008, .mistral: 14_336, .gemma: 24_576]
    try config.readSizes(
      into: &self, width: isGemma ? 3072 : 4096, layers: isGemma ? 28 : 32, heads: isGemma ? 16 : 32,
      inner: inners[family] ?? 22_016)
    keyHeads = try config.integer(
      "num_key_value_heads", standard: family == .mistral ? min(8, heads) : heads, in: 1...1024)
    headWidth = try config.integer(
      "head_dim", standard: isGemma ? 256 : family == .qwen3 ? 128 : width / heads, in: 1...4096)
    epsilon = Float(try config.number("rms_norm_eps", standard: 1e-6, in: 0...1))
    activation =
      isGemma ? try Self.gemma(config) : try config.activation("hidden_act", standard: .silu)
    isTied = try config.flag("tie_word_embeddings", standard: isGemma)
    try readBiases(config)
    try readWindow(config)
    rotary = try Rotary(config)
    try config.require("use_bidirectional_attention", among: [false])
    try config.require("quantization_config", among: [])
    if config.isClassifier { classes = try config.classes() }
    self = try checked()
  }

  /// Gemma's files say `gelu` and mean its form by tanh.
  private static func gemma(_ config: BaseConfig) throws -> FeedForward.Activation {
    let key = config.value("hidden_activation") == nil ? "hidden_act" : "hidden_activation"
    let found = try config.activation(key, standard: .geluTanh)
    return found == .gelu ? .geluTanh : found
  }

  private mutating func readBiases(_ config: BaseConfig) throws {
    let isSet = try config.flag("attention_bias", standard: false)
    switch family {
    case .mistral: (hasBias, outputHasBias) = (false, false)
    case .qwen2: (hasBias, outputHasBias) = (true, false)
    default: (hasBias, outputHasBias) = (isSet, isSet)
    }
    innerHasBias = family == .llama ? try config.flag("mlp_bias", standard: false) : false
  }

  /// The window of Mistral; of Qwen where it is used, from some block on.
  private mutating func readWindow(_ config: BaseConfig) throws {
    let isMistral = family == .mistral
    let isUsed = isMistral ? true : try config.flag("use_sliding_window", standard: false)
    guard isUsed, family != .llama, family != .gemma else { return }
    if isMistral, config.values["sliding_window"] == .null { return }
    window = try config.integer("sliding_window", standard: 4096, in: 1...10_000_000)
    guard !isMistral else { return }
    windowFrom = try config.integer("max_window_layers", standard: 28, in: 0...100_000)
    guard let kinds = config.value("layer_types")?.asArray?.map({ $0.asString ?? "" }) else { return }
    let first = kinds.firstIndex(of: "sliding_attention") ?? kinds.count
    let isPlain = kinds.enumerated().allSatisfy {
      $1 == ($0 < first ? "full_attention" : "sliding_attention")
    }
    guard isPlain else { throw config.refused("layer_types", .array([]), among: ["full before sliding"]) }
    if first >= layers { window = 0 }
    windowFrom = first >= layers ? 0 : first
  }

  /// Builds the model from its file's tensors.
  public func model(
    chance: Chance, source: @escaping (_ name: String, _ shape: [Int]) -> Tensor?
  ) throws -> Model {
    try Llama.model(self, chance: chance, source: source)
  }

  /// The sizes and switches. Those of rotary positions are written as `transformers` 5 has them, in one object, and as
  /// version 4 has them too.
  public static func config(of model: Model) -> JSON.Object {
    var config: JSON.Object = ["attention_dropout": 0]
    config.addSizes(of: model)
    config["model_type"] = .string(model.architecture.type)
    guard let parameters = config["rope_parameters"]?.asObject else { return config }
    config["rope_theta"] = parameters["rope_theta"]
    if parameters["rope_type"] != "default" {
      config["rope_scaling"] = .object(
        JSON.Object(parameters.members.filter { $0.key != "rope_theta" }.map { ($0.key, $0.value) }))
    }
    if model.architecture.type == "mistral", config["sliding_window"] == nil {
      config["sliding_window"] = .null
    }
    return config
  }

  /// Frequencies that older files hold.
  public func isBuffer(_ name: String) -> Bool { name.hasSuffix("rotary_emb.inv_freq") }
}

extension Rotary {
  /// From `rope_parameters` (version 5), or `rope_theta` and `rope_scaling` (version 4).
  init(_ config: BaseConfig) throws {
    self.init()
    let inner = config.value("rope_scaling", "rope_parameters")?.asObject
    let nested = BaseConfig(inner ?? JSON.Object(), path: config.path)
    let beside = config.value("rope_theta") == nil ? nested : config
    let own = nested.value("rope_theta") == nil ? beside : nested
    theta = Float(try own.number("rope_theta", standard: 10_000, in: 1...1e12))
    for place in [config, nested] { try place.require("partial_rotary_factor", among: [1, 1.0]) }
    guard let type = nested.value("rope_type", "type") else { return }
    guard let known = type.asString.flatMap(Kind.init(rawValue:)) else {
      let key = nested.value("rope_type") == nil ? "type" : "rope_type"
      throw nested.refused(key, type, among: Kind.allCases.map { .string($0.rawValue) })
    }
    kind = known
    guard kind != .usual else { return }
    let context = try config.integer("max_position_embeddings", standard: 2048, in: 2...10_000_000)
    let place = config.value("original_max_position_embeddings") == nil ? nested : config
    original = try place.integer("original_max_position_embeddings", standard: context, in: 1...10_000_000)
    func number(_ key: String, _ standard: Float) throws -> Float {
      Float(try nested.number(key, standard: Double(standard), in: -1e6...1e6))
    }
    factor = Float(
      try nested.number("factor", standard: Double(context) / Double(original), in: 1e-3...1e6))
    (low, high) = (try number("low_freq_factor", low), try number("high_freq_factor", high))
    (fast, slow) = (try number("beta_fast", fast), try number("beta_slow", slow))
    attention = try number("attention_factor", 0)
    (numerator, denominator) = (try number("mscale", 0), try number("mscale_all_dim", 0))
    isTruncated = try nested.flag("truncate", standard: true)
    if kind == .llama3, low >= high {
      throw nested.refused("high_freq_factor", JSON(.number(Double(high))), among: [4])
    }
  }
}
