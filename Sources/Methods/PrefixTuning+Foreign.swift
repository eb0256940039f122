import Networks
import Options

extension PrefixTuning {
  /// `peft`'s PREFIX_TUNING: one tensor `prompt_embeddings` [n, 2·layers·width], in which keys and values alternate by
  /// layer: seen as [n, 2·layers, heads, width of a head], layer i has its keys at 2i and its values at 2i + 1.
  public static var foreign: ForeignForm<PrefixTuning>? {
    let flat = ForeignForm<PrefixTuning>.Tensor(joining: ["K", "V"], along: 1, "prompt_embeddings")
    return ForeignForm(
      type: "PREFIX_TUNING", isPerSite: false, tensors: [flat],
      live: { _ in
        let live = "prompt_encoder.default."
        return [
          .init(joining: ["K", "V"], along: 1, live + "embedding.weight"),
          .init("E", live + "embedding.weight"), .init("W1", live + "transform.0.weight"),
          .init("b1", live + "transform.0.bias"),
          .init(joining: ["W2"], along: 0, live + "transform.2.weight"),
          .init(joining: ["b2"], along: 0, live + "transform.2.bias"),
        ]
      },
      keys: [
        .init("num_virtual_tokens", write: { .integer($0.n) }, read: { $0.n = $1.asInteger ?? $0.n }),
        .init(
          "prefix_projection", write: { $0.hasEncoder ? .flag(true) : nil },
          read: { $0.encoder = $1.asFlag == true ? .mlp : .none }),
        .init(
          "encoder_hidden_size", write: { $0.hidden > 0 ? .integer($0.hidden) : nil },
          read: { $0.hidden = $1.asInteger ?? $0.hidden }),
        .init(
          "init_weights", write: { $0.`init` == .zero ? .text("zero") : nil },
          read: { $0.`init` = $1.asText == "zero" ? .zero : .random }),
      ],
      settle: { ($0.encoder, $0.`init`) = (.none, .random) },
      refuses: {
        $0.hasStacks && $0.like == .paper
          ? "an encoder-decoder has one prefix there, of the decoder's own keys, and this has three; like=peft has one."
          : nil
      })
  }
}
