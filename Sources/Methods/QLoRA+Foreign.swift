import Networks
import Options

extension QLoRA {
  /// `peft`'s LORA: the adapter knows nothing of how the base is stored, and loads onto any form of it. So what is read
  /// under this type is `lora`, beside a packed base as beside any other.
  public static var foreign: ForeignForm<QLoRA>? {
    ForeignForm(
      type: "LORA", isPerSite: true, tensors: [.init("A", "lora_A.weight"), .init("B", "lora_B.weight")],
      keys: [
        .init(
          "r", write: { .integer($0.r) },
          read: { _, _ in throw Failure("an adapter of peft is read as lora, onto whatever base is there.") }),
        .init(
          "lora_alpha", write: { .number(Double($0.alpha)) },
          read: { $0.alpha = $1.asNumber.map { Float($0) } ?? $0.alpha }),
        .init(
          "lora_dropout", write: { .number(Double("\($0.dropout)") ?? 0) },
          read: { $0.dropout = $1.asNumber.map { Float($0) } ?? $0.dropout }),
      ])
  }
}
