import Networks
import Options

extension PTuning {
  /// `peft`'s P_TUNING: one tensor `prompt_embeddings` [n, width], what the network makes. `peft` puts it before the
  /// text only.
  public static var foreign: ForeignForm<PTuning>? {
    ForeignForm(
      type: "P_TUNING", isPerSite: false, tensors: [.init("P", "prompt_embeddings")], live: live,
      keys: [
        .init("num_virtual_tokens", write: { .integer($0.n) }, read: { $0.n = $1.asInteger ?? $0.n }),
        .init(
          "encoder_reparameterization_type", write: { $0.isLSTM ? .text("LSTM") : nil },
          read: { $0.encoder = $1.asText == "LSTM" ? .lstm : .mlp }),
        .init(
          "encoder_hidden_size", write: { $0.hidden > 0 ? .integer($0.hidden) : nil },
          read: { $0.hidden = $1.asInteger ?? $0.hidden }),
        .init(
          "encoder_num_layers", write: { $0.layers == 2 ? nil : .integer($0.layers) },
          read: { $0.layers = $1.asInteger ?? $0.layers }),
        .init(
          "encoder_dropout", write: { $0.dropout == 0 ? nil : .number(Double("\($0.dropout)") ?? 0) },
          read: { $0.dropout = $1.asNumber.map { Float($0) } ?? $0.dropout }),
      ],
      settle: { ($0.encoder, $0.share) = (.none, "") })
  }

  private var isLSTM: Bool { encoder == .lstm || encoder == .auto && like == .paper }

  /// What trains, under the names of PyTorch's modules.
  private static func live(_ method: PTuning) -> [ForeignForm<PTuning>.Tensor] {
    let live = "prompt_encoder.default."
    var rows = ["E", "P"].map { ForeignForm<PTuning>.Tensor($0, live + "embedding.weight") }
    for i in 1...method.layers + 1 {
      rows.append(.init("W\(i)", live + "mlp_head.\(2 * i - 2).weight"))
      rows.append(.init("b\(i)", live + "mlp_head.\(2 * i - 2).bias"))
    }
    for layer in 0..<method.layers {
      for way in ["", "_reverse"] {
        for kind in ["weight_ih", "weight_hh", "bias_ih", "bias_hh"] {
          let name = "\(kind)_l\(layer)\(way)"
          rows.append(.init(name, live + "lstm_head." + name))
        }
      }
    }
    return rows
  }
}
