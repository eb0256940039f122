import Engine

/// Two linear layers with a nonlinearity between, or three where a gate decides what passes.
///
///     plain:  y = down(act(up(x)))
///     gated:  y = down(act(gate(x)) ⊙ up(x))        Shazeer 2020, arXiv:2002.05202
public struct FeedForward {
  /// What stands between the layers.
  public enum Activation: String, CaseIterable, Sendable {
    /// GELU by tanh, as in GPT-2.
    case geluTanh = "gelu-tanh"
    /// GELU by erf, as in BERT and ViT.
    case gelu
    case relu
    /// x·σ(x), as in Llama.
    case silu

    func callAsFunction(_ x: Tensor) throws -> Tensor {
      switch self {
      case .geluTanh: try x.geluTanh()
      case .gelu: try x.gelu()
      case .relu: try x.relu()
      case .silu: try x.silu()
      }
    }
  }

  /// Sizes and kind of a feed-forward layer.
  struct Form {
    /// Numbers inside.
    var inner: Int
    var activation = Activation.geluTanh
    /// Whether a gate decides what passes.
    var isGated = false
    /// Whether its layers have biases.
    var hasBias = true
    /// How the layer that narrows starts; nil: as the block says.
    var outputStart: Start?

    /// Names and shapes of its parameters.
    func shapes(_ path: String, _ width: Int) -> [NamedShape] {
      (isGated ? ["gate", "up"] : ["up"]).flatMap {
        NamedShapes.affine("\(path).\($0)", [inner, width], bias: hasBias)
      } + NamedShapes.affine(path + ".down", [width, inner], bias: hasBias)
    }
  }

  /// What decides how much passes, [inner, width]; nil: plain.
  public let gate: Linear?
  /// Widens, [inner, width].
  public let up: Linear
  /// Narrows, [width, inner].
  public let down: Linear
  /// What stands between.
  public let activation: Activation

  init(_ scope: Scope, width: Int, _ form: Form, start: Start, outputStart: Start) throws {
    activation = form.activation
    func widening(_ name: String) throws -> Linear {
      try Linear(scope.child(name), in: width, out: form.inner, bias: form.hasBias, start: start)
    }
    gate = form.isGated ? try widening("gate") : nil
    up = try widening("up")
    down = try Linear(
      scope.child("down"), in: form.inner, out: width, bias: form.hasBias,
      start: form.outputStart ?? outputStart)
  }

  /// The layers that read what enters.
  var readers: [Site] { [gate?.site, up.site].compactMap { $0 } }

  /// Applies the layer.
  public func callAsFunction(_ x: Tensor, _ pass: Pass) throws -> Tensor {
    guard let gate else { return try down(activation(up(x, pass)), pass) }
    return try down(activation(gate(x, pass)) * up(x, pass), pass)
  }
}

extension FeedForward.Activation {
  /// `transformers`' name of it.
  public var foreignName: String {
    switch self {
    case .geluTanh: "gelu_new"
    case .gelu: "gelu"
    case .relu: "relu"
    case .silu: "silu"
    }
  }

  /// Of `transformers`' name; nil for what Graft does not compute.
  public init?(foreignName: String) {
    switch foreignName {
    case "gelu_new", "gelu_pytorch_tanh", "gelu_fast": self = .geluTanh
    case "gelu": self = .gelu
    case "relu": self = .relu
    case "silu", "swish": self = .silu
    default: return nil
    }
  }
}
