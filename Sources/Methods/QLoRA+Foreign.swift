import Networks
import Options

extension QLoRA {
  /// `peft`'s LORA: the adapter knows nothing of how the base is stored, and loads onto any form of it.
  public static var foreign: ForeignForm<QLoRA>? {
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
      ])
  }
}
