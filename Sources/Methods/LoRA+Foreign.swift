import Networks
import Options

extension LoRA {
  /// `peft`'s LORA: `lora_A.weight` [r, in] and `lora_B.weight` [out, r] by module.
  public static var foreign: ForeignForm<LoRA>? {
    ForeignForm(
      type: "LORA", isPerSite: true, tensors: [.init("A", "lora_A.weight"), .init("B", "lora_B.weight")],
      keys: [
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
        .init("use_dora", write: { _ in nil }, read: { try refuse("use_dora", $1.asFlag == true) }),
        .init("lora_bias", write: { _ in nil }, read: { try refuse("lora_bias", $1.asFlag == true) }),
        .init("bias", write: { _ in nil }, read: { try refuse("bias=\($1)", $1.asText != "none") }),
      ])
  }

  private static func refuse(_ key: String, _ isThere: Bool) throws {
    guard isThere else { return }
    throw Failure(
      "this adapter has \(key), which lora here does not hold.", cure: "See what is in it: inspect DIR")
  }
}
