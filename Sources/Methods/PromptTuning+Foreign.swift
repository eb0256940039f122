import Networks
import Options

extension PromptTuning {
  /// `peft`'s PROMPT_TUNING: one tensor `prompt_embeddings` [n, width].
  public static var foreign: ForeignForm<PromptTuning>? {
    ForeignForm(
      type: "PROMPT_TUNING", isPerSite: false, tensors: [.init("P", "prompt_embeddings")],
      live: { _ in [.init("P", "prompt_encoder.default.embedding.weight")] },
      keys: [
        .init("num_virtual_tokens", write: { .integer($0.n) }, read: { $0.n = $1.asInteger ?? $0.n }),
        .init(
          "prompt_tuning_init",
          // Not TEXT, which peft opens only together with the text and the name of a tokenizer.
          write: { $0.`init` == .vocab ? .text("SAMPLE_VOCAB") : nil },
          read: { method, _ in method.`init` = .random }),
      ])
  }
}
