import Networks
import Options

extension Adapter {
  /// The `adapters` library's BnConfig: two linear layers by module, and settings that name formula and places.
  public static var library: LibraryForm<Adapter>? {
    LibraryForm(
      type: "bottleneck adapter", modules: modules,
      tensors: [
        ("down", "adapter_down.0.weight"), ("downBias", "adapter_down.0.bias"),
        ("up", "adapter_up.weight"), ("upBias", "adapter_up.bias"),
      ],
      write: settings, read: make)
  }

  /// In BERT the adapters sit in the modules that hold the norms; elsewhere they have modules of their own.
  private static let modules: [String: [Architecture.Name]] = [
    "gpt2": [
      .init("blocks.*.attn.add", "transformer.h.*.attention_adapters"),
      .init("blocks.*.mlp.add", "transformer.h.*.output_adapters"),
    ],
    "bert": [
      .init("blocks.*.attn.add", "bert.encoder.layer.*.attention.output"),
      .init("blocks.*.mlp.add", "bert.encoder.layer.*.output"),
    ],
    "vit": [
      .init("blocks.*.attn.add", "vit.encoder.layer.*.attention_adapters"),
      .init("blocks.*.mlp.add", "vit.encoder.layer.*.output.output_adapters"),
    ],
    "t5": encoderDecoder, "mt5": encoderDecoder,
    "llama": [
      .init("blocks.*.attn.add", "model.layers.*.attention_adapters"),
      .init("blocks.*.mlp.add", "model.layers.*.output_adapters"),
    ],
  ]

  /// None at cross attention, as in the library.
  private static let encoderDecoder: [Architecture.Name] = [
    .init("encoder.blocks.*.attn.add", "encoder.block.*.layer.0"),
    .init("encoder.blocks.*.mlp.add", "encoder.block.*.layer.1"),
    .init("decoder.blocks.*.attn.add", "decoder.block.*.layer.0"),
    .init("decoder.blocks.*.mlp.add", "decoder.block.*.layer.2"),
  ]

  // MARK: Writing

  private static func settings(_ method: Adapter, _ places: Set<String>, _ width: Int) throws -> [(
    key: String, value: OptionValue?
  )] {
    let starts: [Start: String] = [.mam: "mam_adapter", .houlsby: "houlsby"]
    return [
      ("mh_adapter", .flag(places.contains("attn.add"))),
      ("output_adapter", .flag(places.contains("mlp.add"))),
      ("reduction_factor", .number(method.reduction(of: width))),
      ("non_linearity", .text(method.activation.rawValue)),
      ("original_ln_before", .flag(method.kind == .pfeiffer)), ("original_ln_after", .flag(true)),
      ("ln_before", .flag(false)), ("ln_after", .flag(false)),
      ("init_weights", .text(starts[method.start] ?? "bert")), ("init_weights_seed", nil),
      ("is_parallel", .flag(method.kind == .parallel)),
      ("scaling", .number(Double("\(method.strength)") ?? 1)), ("use_gating", .flag(false)),
      ("residual_before_ln", .flag(true)), ("adapter_residual_before_ln", .flag(false)),
      ("inv_adapter", nil), ("inv_adapter_reduction_factor", nil), ("cross_adapter", .flag(false)),
      ("dropout", .number(Double("\(method.dropout)") ?? 0)), ("phm_layer", .flag(false)),
      ("stochastic_depth", .number(0)),
    ]
  }

  /// A factor in few digits from which the library, which rounds width / factor down, gets the same bottleneck.
  func reduction(of n: Int) -> Double {
    let m = bottleneck(of: n)
    if width == 0, let exact = Double("\(divisor)"), Self.floored(n, by: exact) == m { return exact }
    if n % m == 0 { return Double(n / m) }
    var power = 1.0
    while power < 1e9 {
      let factor = (Double(n) / (Double(m) + 0.99) * power).rounded(.up) / power
      if Self.floored(n, by: factor) == m { return factor }
      power *= 10
    }
    return Double(n) / Double(m)
  }

  // MARK: Reading

  /// Settings that change what an adapter computes, with the one value that is held here.
  private static let fixed: [(key: String, value: OptionValue, what: String)] = [
    ("original_ln_after", .flag(true), "no norm after the adapter"),
    ("ln_before", .flag(false), "a norm of its own before the bottleneck"),
    ("ln_after", .flag(false), "a norm of its own after the bottleneck"),
    ("use_gating", .flag(false), "a trained gate"),
    ("residual_before_ln", .flag(true), "another place of its skip connection"),
    ("cross_adapter", .flag(false), "adapters after cross attention"),
    ("phm_layer", .flag(false), "parametrised hypercomplex layers (Compacter)"),
    ("stochastic_depth", .number(0), "layers that are dropped at random"),
  ]

  private static func make(_ settings: [String: OptionValue]) throws -> (method: Adapter, places: [String]) {
    for row in fixed {
      guard let value = settings[row.key] else { continue }
      let isSame = row.value.asFlag.map { $0 == value.asFlag } ?? (row.value.asNumber == value.asNumber)
      if isSame { continue }
      throw refusal(row.key, value, "which asks for \(row.what)")
    }
    if let value = settings["inv_adapter"] { throw refusal("inv_adapter", value, "an invertible adapter") }
    var method = Adapter()
    method.like = .adapters
    let isBefore = settings["original_ln_before"]?.asFlag == true
    method.kind = settings["is_parallel"]?.asFlag == true ? .parallel : isBefore ? .pfeiffer : .houlsby
    method.act = try activation(settings["non_linearity"])
    method.reduction = try number("reduction_factor", settings, 16, in: 1e-3...65_536)
    method.scale = try number("scaling", settings, 1, in: -1e6...1e6)
    method.dropout = try number("dropout", settings, 0, in: 0...0.99)
    method.`init` = settings["init_weights"]?.asText.flatMap(Start.init) ?? .bert
    let places = [("mh_adapter", "attn.add"), ("output_adapter", "mlp.add")].filter {
      settings[$0.0]?.asFlag == true
    }
    guard !places.isEmpty else {
      throw Failure("neither mh_adapter nor output_adapter is true: these settings place no adapter.")
    }
    return (method, places.map(\.1))
  }

  private static func activation(_ value: OptionValue?) throws -> Activation {
    let word = value?.asText?.lowercased() ?? ""
    let others: [String: Activation] = ["silu": .swish, "gelu_pytorch_tanh": .geluTanh]
    if let found = others[word] { return found }
    guard let found = Activation(rawValue: word), found != .usual else {
      throw refusal("non_linearity", value ?? .text("missing"), "none of relu gelu swish tanh gelu_new")
    }
    return found
  }

  private static func number(
    _ key: String, _ settings: [String: OptionValue], _ usual: Float, in range: ClosedRange<Double>
  ) throws -> Float {
    guard let value = settings[key] else { return usual }
    guard let number = value.asNumber, range.contains(number), number != 0 || key == "dropout" else {
      throw refusal(key, value, "which is no number that can be held here")
    }
    return Float(number)
  }

  private static func refusal(_ key: String, _ value: OptionValue, _ what: String) -> Failure {
    Failure(
      "\(key) is \(value), \(what); adapter here has no such thing.",
      cure: "Use it in Python, where the adapters library has it.")
  }
}
