import Engine
import Networks
import Options

extension DoRA {
  /// `peft`'s LORA with use_dora: LoRA's keys, and `lora_magnitude_vector` [out] by module.
  public static var foreign: ForeignForm<DoRA>? {
    var form = ForeignForm<DoRA>(
      type: "LORA", isPerSite: true,
      tensors: [
        .init("A", "lora_A.weight", parts: .stacked), .init("B", "lora_B.weight", parts: .blocks),
        // A row that no part covers keeps the length it has.
        .init(
          "m", "lora_magnitude_vector", live: "lora_magnitude_vector.default.weight",
          parts: .rows { try $0.rowNorms() }),
      ],
      keys: LoRA.keys.map { $0.lifted(\.lora) } + [
        .init("use_dora", write: { _ in .flag(true) }, read: { _, _ in }),
        .init(
          "init_lora_weights", write: { $0.lora.`init` == .gaussian ? .text("gaussian") : nil },
          read: {
            guard $1.asFlag != nil || $1.asText == "gaussian" else {
              throw Failure(
                "this adapter has use_dora with init_lora_weights=\($1), which dora here does not hold.",
                cure: "Merge it in Python (merge_and_unload) and open the merged base.")
            }
            $0.lora.`init` = $1.asText == "gaussian" ? .gaussian : .uniform
          }),
      ])
    form.claims = { $0("use_dora")?.asFlag == true }
    form.namesLayers = true
    form.table = "lora"
    form.trained = .init(targeted: "base_layer.", mayLack: true)
    return form
  }
}
