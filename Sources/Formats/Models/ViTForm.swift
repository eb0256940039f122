import Engine
import FileSystem
import Networks
import Options

/// ViT in `config.json`. Keys that are missing have the defaults of `transformers`.
extension ViT.Form: BaseForm {
  /// `vit` and `dinov2`.
  public static var modelTypes: [String] { Kind.allCases.map(\.architecture.type) }
  /// The names of its kind.
  public var architecture: Architecture { kind.architecture }

  /// Reads sizes; throws for switches that change the computation.
  public init(config: BaseConfig) throws {
    self.init()
    kind = Kind.allCases.first { $0.architecture.type == config.values["model_type"]?.asString } ?? .vit
    size = try config.integer("image_size", standard: 224, in: 1...4096)
    patch = try config.integer("patch_size", standard: 16, in: 1...4096)
    channels = try config.integer("num_channels", standard: 3, in: 1...64)
    try config.readSizes(into: &self, width: 768, layers: 12, heads: 12, inner: 3072)
    let isDINO = kind == .dinov2
    if isDINO {
      inner = width * (try config.integer("mlp_ratio", standard: 4, in: 1...64))
      try config.require("use_swiglu_ffn", among: [false])
      try config.require("apply_layernorm", among: [true])
    }
    epsilon = Float(try config.number("layer_norm_eps", standard: isDINO ? 1e-6 : 1e-12, in: 0...1))
    activation = try config.activation("hidden_act", standard: .gelu)
    try config.require("qkv_bias", among: [true, false])
    qkvBias = config.values["qkv_bias"]?.asBool ?? true
    try config.require("quantization_config", among: [])
    classes = try config.classes()
    self = try checked()
  }

  /// Builds the model from its file's tensors.
  public func model(
    chance: Chance, source: @escaping (_ name: String, _ shape: [Int]) -> Tensor?
  ) throws -> Model {
    try ViT.model(self, chance: chance, source: source)
  }

  /// The sizes, and the switches as Graft computes them.
  public static func config(of model: Model) -> JSON.Object {
    var config: JSON.Object = ["attention_probs_dropout_prob": 0, "hidden_dropout_prob": 0]
    config.addSizes(of: model)
    if let ratio = model.size("mlp_ratio") {
      config["model_type"] = .string(model.architecture.type)
      config["apply_layernorm"] = true
      for key in ["use_swiglu_ffn", "use_mask_token"] { config[key] = false }
      config["mlp_ratio"] = .integer(ratio)
    }
    return config
  }

  /// The projection of patches is a convolution's weight there; token and positions have an axis for the batch.
  public func fileShape(_ name: String, _ shape: [Int]) -> [Int] {
    switch name {
    case "patch.weight": [width, channels, patch, patch]
    case "cls.weight", "positions.weight": [1] + shape
    default: shape
    }
  }

  /// The head.
  public func isOfTask(_ name: String) -> Bool { name.hasPrefix("head.") }

  /// DINOv2's stand-in for patches that are hidden while it is trained.
  public func isBuffer(_ name: String) -> Bool { name.hasSuffix("embeddings.mask_token") }
}

// MARK: Pictures of another size

extension ViT.Form {
  /// The table whose rows stand for patches.
  static let positionName = "positions.weight"

  /// The same network for pictures of another size; throws where that cannot be cut into its patches.
  func sized(_ size: Int) throws -> ViT.Form {
    guard size > 0, size % patch == 0 else {
      let near = max(1, (size + patch / 2) / patch) * patch
      throw Failure(
        "its patches have \(patch) pixels a side, and size=\(size) is no multiple of that.",
        cure: "size=\(near)")
    }
    var form = self
    form.size = size
    return try form.checked()
  }

  /// What was done to the table of positions.
  func told(_ sized: ViT.Form) -> String {
    let (old, new) = (size / patch, sized.size / sized.patch)
    return
      "Pictures of \(sized.size)×\(sized.size) are cut into \(new)×\(new) patches: the table of positions, \(old)×\(old), was resampled."
  }
}

extension JSON.Object {
  /// The sizes of a model; its classes as `transformers` lists them, with the class that has such a head.
  mutating func addSizes(of model: Model) {
    for (key, value) in model.config where key != "num_labels" {
      let parts = key.split(separator: ".").map(String.init)
      guard parts.count == 2 else {
        self[key] = JSON(value)
        continue
      }
      // `rope_parameters.rope_theta` stands in an object.
      var inner = self[parts[0]]?.asObject ?? JSON.Object()
      inner[parts[1]] = JSON(value)
      self[parts[0]] = .object(inner)
    }
    self["architectures"] = [.string(model.architecture.className)]
    guard let classes = model.size("num_labels"), classes > 0 else { return }
    let names = (0..<classes).map { (number: String($0), label: "LABEL_\($0)") }
    self["id2label"] = .object(JSON.Object(names.map { ($0.number, .string($0.label)) }))
    self["label2id"] = .object(
      JSON.Object(names.enumerated().map { ($1.label, .integer($0)) }))
  }
}
