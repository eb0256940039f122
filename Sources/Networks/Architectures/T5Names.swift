import Options

extension T5.Form {
  /// Names and defaults of the family. `transformers` has the same ones for T5 and mT5.
  public var architecture: Architecture {
    Architecture(
      title: "t5", type: family.rawValue,
      className: family == .t5 ? "T5ForConditionalGeneration" : "MT5ForConditionalGeneration",
      names: Self.names(isGated: isGated),
      tied: (isTied ? [("head.weight", "embed.weight")] : [])
        + ["encoder", "decoder"].map { ("\($0).embed.weight", "embed.weight") },
      targets: [
        "lora": ["q", "v"],
        "ia3": family == .t5 ? ["k", "v", "mlp.down"] : ["k", "v", "mlp.up"],
      ],
      sizes: (context: "n_positions", width: "d_model", layers: "num_layers", heads: "num_heads"))
  }

  /// The config as `transformers` has it. It says twice whether the states before the head are scaled: version 4 by
  /// `tie_word_embeddings`, version 5 by `scale_decoder_outputs`.
  var config: [(key: String, value: OptionValue)] {
    let act = activation == .geluTanh && isGated ? "gelu" : activation.foreignName
    return [
      ("vocab_size", .integer(vocabulary)), ("n_positions", .integer(context)), ("d_model", .integer(width)),
      ("d_kv", .integer(headWidth)), ("d_ff", .integer(inner)), ("num_layers", .integer(layers)),
      ("num_decoder_layers", .integer(decoderLayers)), ("num_heads", .integer(heads)),
      ("relative_attention_num_buckets", .integer(buckets)),
      ("relative_attention_max_distance", .integer(distance)),
      ("feed_forward_proj", .text(isGated ? "gated-" + act : act)), ("layer_norm_epsilon", epsilonValue),
      ("tie_word_embeddings", .flag(isTied)), ("scale_decoder_outputs", .flag(scale != 1)),
      ("decoder_start_token_id", .integer(startToken)), ("pad_token_id", .integer(padToken)),
      ("is_encoder_decoder", .flag(true)),
    ]
  }

  private static func names(isGated: Bool) -> [Architecture.Name] {
    let shared: [Architecture.Name] = [
      .init("embed", "shared"), .init("encoder.embed", "encoder.embed_tokens"),
      .init("decoder.embed", "decoder.embed_tokens"),
    ]
    let stacks = ["encoder", "decoder"].flatMap { stack -> [Architecture.Name] in
      func row(_ own: String, _ layer: Int, _ foreign: String) -> Architecture.Name {
        .init("\(stack).blocks.*.\(own)", "\(stack).block.*.layer.\(layer).\(foreign)")
      }
      func attention(_ own: String, _ layer: Int, _ foreign: String) -> [Architecture.Name] {
        ["q", "k", "v", "o"].map { row("\(own).\($0)", layer, "\(foreign).\($0)") }
      }
      let last = stack == "encoder" ? 1 : 2, inside = "DenseReluDense."
      let cross =
        stack == "encoder"
        ? [] : [row("normCross", 1, "layer_norm")] + attention("cross", 1, "EncDecAttention")
      let widening =
        isGated
        ? [row("mlp.gate", last, inside + "wi_0"), row("mlp.up", last, inside + "wi_1")]
        : [row("mlp.up", last, inside + "wi")]
      return [
        .init(stack + ".relative", stack + ".block.0.layer.0.SelfAttention.relative_attention_bias"),
        row("norm1", 0, "layer_norm"),
      ] + attention("attn", 0, "SelfAttention") + cross + [row("norm2", last, "layer_norm")] + widening
        + [row("mlp.down", last, inside + "wo"), .init(stack + ".norm", stack + ".final_layer_norm")]
    }
    return shared + stacks + [.init("head", "lm_head")]
  }
}
