import Networks
import Options

extension BitFit {
  /// `peft` has no BitFit. The nearest that carries it is a LORA of rank 1 at one module, with A and B zero, and
  /// bias=all: the biases stand beside it. Read back, it is that LoRA.
  public static var foreign: ForeignForm<BitFit>? {
    var form = ForeignForm<BitFit>(
      type: "LORA", isPerSite: true, tensors: [],
      keys: [
        .init("r", write: { _ in .integer(1) }, read: { _, _ in }),
        .init("bias", write: { _ in .text("all") }, read: { _, _ in }),
      ])
    form.isWrittenOnly = true
    form.trained = .init(targeted: "base_layer.")
    form.stub = .init(
      at: "lora",
      [
        (key: "lora_A.weight", shape: { [1, $0.width.in] }),
        (key: "lora_B.weight", shape: { [$0.width.out, 1] }),
      ])
    return form
  }
}
