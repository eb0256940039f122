import Engine

/// A transformer block, with norms before its sublayers (GPT, ViT) or after the sums (the first Transformer, BERT).
///
///     before:  x ← x + attn(norm1(x))        x ← x + mlp(norm2(x))
///     after:   x ← norm1(x + attn(x))        x ← norm2(x + mlp(x))
public struct Block {
  /// Where the norms stand.
  enum NormPlace { case before, after }

  /// Sizes and kind of a block.
  struct Form {
    var attention: Attention.Form
    /// Numbers inside the feed-forward layer.
    var inner: Int
    var activation = FeedForward.Activation.geluTanh
    var norms = NormPlace.before
    /// The norms' ε.
    var epsilon: Float
  }

  /// The residual stream after the block.
  public let site: Site
  /// The norm at attention.
  public let norm1: LayerNorm
  /// Self-attention.
  public let attention: Attention
  /// The norm at the feed-forward layer.
  public let norm2: LayerNorm
  /// The feed-forward layer.
  public let mlp: FeedForward
  /// What attention adds to the stream: reads x, gives attn(norm1(x)), or attn(x) where the norm stands after.
  public let attentionAdds: Site
  /// What the feed-forward layer adds to the stream.
  public let mlpAdds: Site
  private let norms: NormPlace

  init(_ scope: Scope, _ form: Form) throws {
    norms = form.norms
    let width = form.attention.width, isBefore = norms == .before
    func norm(_ name: String) throws -> LayerNorm {
      try LayerNorm(scope.child(name), width: width, epsilon: form.epsilon)
    }
    func adds(_ name: String) -> Site {
      scope.child(name).child("add").site(.sublayer, width: (width, width))
    }
    // Made in the order in which they run.
    let early1 = isBefore ? try norm("norm1") : nil
    attention = try Attention(scope.child("attn"), form.attention)
    attentionAdds = adds("attn")
    norm1 = try early1 ?? norm("norm1")
    let early2 = isBefore ? try norm("norm2") : nil
    mlp = try FeedForward(
      scope.child("mlp"), width: width, inner: form.inner, form.activation, start: form.attention.start,
      outputStart: form.attention.outputStart)
    mlpAdds = adds("mlp")
    norm2 = try early2 ?? norm("norm2")
    site = scope.site(.block, width: (width, width))
    guard !isBefore else {
      norm1.site.readers = attention.projections.map(\.site)
      norm2.site.readers = [mlp.up.site]
      return
    }
    attentionAdds.normAfter = { [norm1] in try norm1($0, $1) }
    mlpAdds.normAfter = { [norm2] in try norm2($0, $1) }
  }

  /// Applies the block to x [batch, time, width].
  public func callAsFunction(_ x: Tensor, _ pass: Pass) throws -> Tensor {
    try pass.interrupt?.check()
    return try site.run(x, pass) { x in
      switch norms {
      case .before:
        let x = try x + attentionAdds.run(x, pass) { try attention(norm1($0, pass), pass) }
        return try x + mlpAdds.run(x, pass) { try mlp(norm2($0, pass), pass) }
      case .after:
        let x = try norm1(x + attentionAdds.run(x, pass) { try attention($0, pass) }, pass)
        return try norm2(x + mlpAdds.run(x, pass) { try mlp($0, pass) }, pass)
      }
    }
  }
}
