/// DINOv2's vision transformer (Oquab et al. 2023, arXiv:2304.07193): ViT's network with what sublayers add scaled
/// (`LayerScale`), and a head that reads the class token beside the mean of the patches.
///
///     x ← x + λ₁ ⊙ attn(norm1(x))        x ← x + λ₂ ⊙ mlp(norm2(x))        logits = head([x[cls] ; mean x[patches]])
extension ViT {
  /// Its names; as with ViT, files keep those of `transformers` 4 and modules have those of version 5.
  public static let dinov2 = Architecture(
    title: "vit", type: "dinov2", className: "Dinov2ForImageClassification",
    names: [
      .init("patch", "dinov2.embeddings.patch_embeddings.projection"),
      .init("cls", "dinov2.embeddings.cls_token", bare: true),
      .init("positions", "dinov2.embeddings.position_embeddings", bare: true),
      dinov2Block("norm1", "norm1"),
      dinov2Block("attn.q", "attention.attention.query", "attention.q_proj"),
      dinov2Block("attn.k", "attention.attention.key", "attention.k_proj"),
      dinov2Block("attn.v", "attention.attention.value", "attention.v_proj"),
      dinov2Block("attn.o", "attention.output.dense", "attention.o_proj"),
      .init("blocks.*.scale1", "dinov2.encoder.layer.*.layer_scale1.lambda1", bare: true),
      dinov2Block("norm2", "norm2"), dinov2Block("mlp.up", "mlp.fc1"), dinov2Block("mlp.down", "mlp.fc2"),
      .init("blocks.*.scale2", "dinov2.encoder.layer.*.layer_scale2.lambda1", bare: true),
      .init("norm", "dinov2.layernorm"), .init("head", "classifier"),
    ],
    tied: [], targets: ["lora": ["attn.q", "attn.v"]], sizes: architecture.sizes)

  private static func dinov2Block(_ own: String, _ file: String, _ module: String? = nil) -> Architecture.Name
  {
    let start = "dinov2.encoder.layer.*."
    return .init("blocks.*." + own, start + file, module: module.map { start + $0 })
  }
}

extension ViT.Form.Kind {
  /// Names and other facts.
  public var architecture: Architecture {
    switch self {
    case .vit: ViT.architecture
    case .dinov2: ViT.dinov2
    }
  }
}
