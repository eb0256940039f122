import Engine

/// Causal self-attention with a fused projection, as GPT-2 has it.
///
///     q, k, v = columns of x·Wᵀ + b        y = attention(q, k, v)·Woᵀ + bo
public struct Attention {
  /// Where attention itself runs, between the projections: takes `keysValues` edits, shows probabilities.
  public let site: Site
  /// The fused projection `qkv`, with parts `q`, `k`, `v`.
  public let projection: Linear
  /// The projection after the heads, `o`.
  public let output: Linear
  let heads: Int, width: Int

  init(_ scope: Scope, width: Int, heads: Int, start: Start, outputStart: Start) throws {
    self.heads = heads
    self.width = width
    site = scope.site(.attention, width: (width, width))
    projection = try Linear(
      scope.child("qkv"), in: width, out: 3 * width, start: start,
      parts: [("q", width), ("k", width), ("v", width)])
    output = try Linear(scope.child("o"), in: width, out: width, start: outputStart)
  }

  /// Applies the layer to x [batch, time, width].
  public func callAsFunction(_ x: Tensor, _ pass: Pass) throws -> Tensor {
    let qkv = try projection(x, pass)
    let mixed = try site.run(x, pass) { _ in
      var k = HeadColumns(qkv, column: width), v = HeadColumns(qkv, column: 2 * width)
      if let cache = pass.cache { (k, v) = try remember(k, v, in: cache) }
      var form = AttentionForm(heads: heads, headWidth: width / heads, isCausal: true, mask: pass.keyMask)
      form.keyHeads = heads
      let added = try site.edits(pass).reduce(KeysValues()) { try $1.keysValues?(x, $0, pass) ?? $0 }
      let looks: ((Tensor) -> Void)? = pass.trace.flatMap { trace in
        trace.wants(site) ? { [site] in trace.record(site, probabilities: $0) } : nil
      }
      return try Tensor.attention(q: HeadColumns(qkv), k: k, v: v, extra: added.extra, form, weights: looks)
    }
    return try output(mixed, pass)
  }

  /// Puts the new keys and values behind the cached ones.
  private func remember(_ k: HeadColumns, _ v: HeadColumns, in cache: Cache) throws -> (
    HeadColumns, HeadColumns
  ) {
    func joined(_ old: Tensor?, _ new: HeadColumns) throws -> Tensor {
      let fresh = try new.tensor.slice(axis: 2, new.column..<new.column + width)
      return try old.map { try Tensor.concat([$0, fresh], axis: 1) } ?? fresh
    }
    let old = cache.layers[site.name]
    let keys = try joined(old?.keys, k), values = try joined(old?.values, v)
    cache.layers[site.name] = (keys, values)
    return (HeadColumns(keys), HeadColumns(values))
  }
}
