import Networks
import Options

extension PiSSA {
  /// `peft`'s LORA with init_lora_weights "pissa": A and B of the file stand on a residual that every reader makes
  /// anew from the base, by the same decomposition.
  public static var foreign: ForeignForm<PiSSA>? {
    var form = ForeignForm<PiSSA>(
      type: "LORA", isPerSite: true, tensors: [.init("A", "lora_A.weight"), .init("B", "lora_B.weight")],
      keys: LoRA.keys.map { $0.lifted(\.lora) } + [
        .init("init_lora_weights", write: { _ in .text("pissa") }, read: { _, _ in })
      ])
    form.claims = { config in
      config("use_dora")?.asFlag != true && config("init_lora_weights")?.asText?.hasPrefix("pissa") == true
    }
    form.namesLayers = true
    form.table = "lora"
    form.trained = .init(targeted: "base_layer.", mayLack: true)
    return form
  }
}
