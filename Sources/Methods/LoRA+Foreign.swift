import Networks
import Options

extension LoRA {
  /// `peft`'s LORA: `lora_A.weight` [r, in] and `lora_B.weight` [out, r] by module; `lora_embedding_A` and
  /// `lora_embedding_B` for a table; biases of the base beside them.
  public static var foreign: ForeignForm<LoRA>? {
    var form = ForeignForm<LoRA>(
      type: "LORA", isPerSite: true,
      tensors: [
        .init("A", "lora_A.weight", parts: .stacked), .init("B", "lora_B.weight", parts: .blocks),
        .init("A", "lora_embedding_A", isTable: true), .init("B", "lora_embedding_B", isTable: true),
      ],
      keys: keys + [
        .init(
          "init_lora_weights", write: { $0.`init` == .gaussian ? .text("gaussian") : nil },
          read: {
            $0.`init` = $1.asText == "gaussian" ? .gaussian : .uniform
            // These only choose where A and B start; all others change the base too, and A and B are not all of it.
            let harmless = ["gaussian", "eva", "orthogonal"].contains($1.asText ?? "") || $1.asFlag != nil
            try refuse("init_lora_weights=\($1), which also changes the base's weights", !harmless)
          }),
        .init("use_dora", write: { _ in nil }, read: { try refuse("use_dora", $1.asFlag == true) }),
      ])
    form.namesLayers = true
    form.table = "lora"
    form.trained = .init(targeted: "base_layer.", mayLack: true)
    return form
  }

  /// The keys that LoRA shares with what is built on it.
  static var keys: [ForeignForm<LoRA>.Key] {
    [
      .init("r", write: { .integer($0.r) }, read: { $0.r = $1.asInteger ?? $0.r }),
      .init(
        "lora_alpha", write: { .number(Double($0.alpha)) },
        read: { $0.alpha = $1.asNumber.map { Float($0) } ?? $0.alpha }),
      .init(
        "lora_dropout", write: { .number(Double("\($0.dropout)") ?? 0) },
        read: { $0.dropout = $1.asNumber.map { Float($0) } ?? $0.dropout }),
      .init(
        "use_rslora", write: { $0.rslora ? .flag(true) : nil },
        read: {
          try refuse("use_rslora=\($1)", $1.asFlag == nil)
          $0.rslora = $1.asFlag ?? false
        }),
      .init(
        "bias", write: { $0.bias == .none ? nil : .text($0.bias.rawValue) },
        read: {
          let known = Biases(rawValue: $1.asText ?? "")
          try refuse("bias=\($1)", known == nil)
          $0.bias = known ?? .none
        }),
      .init(
        "rank_pattern",
        .numbers { lora, site in
          let rank = lora.rank(at: site)
          return rank == lora.r ? nil : Float(rank)
        }, read: { $0.ranks = try rows("rank_pattern", $1) }),
      .init(
        "alpha_pattern", .numbers { lora, site in lora.alphas.number(at: site) },
        read: { $0.alphas = try rows("alpha_pattern", $1) }),
      .init("lora_bias", write: { _ in nil }, read: { try refuse("lora_bias", $1.asFlag == true) }),
    ]
  }

  /// `peft` takes the first key k with (.*\.)?(k)$ matching the whole name of a module: for plain names, our rule.
  private static func rows(_ key: String, _ value: OptionValue) throws -> [SiteNumber] {
    try value.elements.map { element in
      guard var row = element.asText.flatMap({ SiteNumber($0) }) else {
        throw Failure("this adapter has \(key)=\(element), which is no number for a module.")
      }
      if row.site.hasPrefix("^") { row.site.removeFirst() }
      let special = row.site.first { "^$*+?()[]{}|\\".contains($0) }
      try refuse("the regular expression \(row.site) in \(key)", special != nil)
      return row
    }
  }

  private static func refuse(_ key: String, _ isThere: Bool) throws {
    guard isThere else { return }
    throw Failure(
      "this adapter has \(key), which lora here does not hold.",
      cure: "Merge it in Python (merge_and_unload) and open the merged base.")
  }
}
