import Engine

/// A transformer block with norms before its sublayers.
///
///     x ← x + attn(norm1(x))        x ← x + mlp(norm2(x))
public struct Block {
  /// The residual stream after the block.
  public let site: Site
  /// The norm before attention.
  public let norm1: LayerNorm
  /// Self-attention.
  public let attention: Attention
  /// The norm before the feed-forward layer.
  public let norm2: LayerNorm
  /// The feed-forward layer.
  public let mlp: FeedForward
  /// What attention adds to the stream: reads x, gives attn(norm1(x)).
  public let attentionAdds: Site
  /// What the feed-forward layer adds to the stream.
  public let mlpAdds: Site

  init(_ scope: Scope, _ form: GPT.Form) throws {
    let start = Start.normal(0.02)
    // GPT-2 shrinks what is added to the residual stream by the number of additions.
    let outputStart = Start.normal(0.02 / Float(2 * form.layers).squareRoot())
    norm1 = try LayerNorm(scope.child("norm1"), width: form.width, epsilon: form.epsilon)
    attention = try Attention(
      scope.child("attn"), width: form.width, heads: form.heads, start: start, outputStart: outputStart)
    attentionAdds = scope.child("attn").child("add").site(.sublayer, width: (form.width, form.width))
    norm2 = try LayerNorm(scope.child("norm2"), width: form.width, epsilon: form.epsilon)
    mlp = try FeedForward(
      scope.child("mlp"), width: form.width, inner: form.inner, start: start, outputStart: outputStart)
    mlpAdds = scope.child("mlp").child("add").site(.sublayer, width: (form.width, form.width))
    site = scope.site(.block, width: (form.width, form.width))
  }

  /// Applies the block to x [batch, time, width].
  public func callAsFunction(_ x: Tensor, _ pass: Pass) throws -> Tensor {
    try pass.interrupt?.check()
    return try site.run(x, pass) { x in
      let x = try x + attentionAdds.run(x, pass) { try attention(norm1($0, pass), pass) }
      return try x + mlpAdds.run(x, pass) { try mlp(norm2($0, pass), pass) }
    }
  }
}
