import Networks
import Options

extension PTuningV2 {
  /// `peft`'s PREFIX_TUNING without projection, which knows no dropout: what is kept is the same.
  public static var foreign: ForeignForm<PTuningV2>? {
    ForeignForm(
      type: "PREFIX_TUNING", isPerSite: false,
      tensors: [.init(joining: ["K", "V"], along: 1, "prompt_embeddings")],
      live: { _ in [.init(joining: ["K", "V"], along: 1, "prompt_encoder.default.embedding.weight")] },
      keys: [
        .init("num_virtual_tokens", write: { .integer($0.n) }, read: { $0.n = $1.asInteger ?? $0.n }),
        .init(
          "prefix_projection", write: { _ in nil },
          read: {
            if $1.asFlag == true { throw Failure("ptuning2 has no projection.", cure: "prefix has one") }
          }),
      ],
      refuses: {
        $0.hasStacks ? "an encoder-decoder has a prefix before the decoder's own keys alone there." : nil
      })
  }
}
