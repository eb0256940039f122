import Engine

/// Self-attention, with one fused projection as GPT-2 has it or with three as BERT has them.
///
///     q, k, v = x·Wᵀ + b        y = attention(q, k, v)·Woᵀ + bo
///
/// Either way there are sites `q`, `k`, `v`: three layers, or the parts of `qkv`.
public struct Attention {
  /// Sizes and kind of an attention layer.
  struct Form {
    /// Numbers a position.
    var width: Int
    /// Heads, of `width / heads` numbers each.
    var heads: Int
    /// Whether a position sees only those before it.
    var isCausal = true
    /// Whether q, k and v come from one weight.
    var isFused = true
    /// Whether q, k and v have a bias.
    var hasBias = true
    /// How the projections to q, k and v start.
    var start = Start.normal(0.02)
    /// How the projection after the heads starts.
    var outputStart = Start.normal(0.02)
  }

  /// Where attention itself runs, between the projections: takes `keysValues` edits, shows probabilities.
  public let site: Site
  /// The fused projection `qkv`, or `q`, `k` and `v`.
  public let projections: [Linear]
  /// The projection after the heads, `o`.
  public let output: Linear
  private let form: Form

  init(_ scope: Scope, _ form: Form) throws {
    self.form = form
    let width = form.width
    site = scope.site(.attention, width: (width, width))
    site.heads = Site.Heads(
      queries: form.heads, keys: form.heads, width: width / form.heads, isCausal: form.isCausal)
    if form.isFused {
      let parts = ["q", "k", "v"].map { (name: $0, width: width) }
      projections = [
        try Linear(
          scope.child("qkv"), in: width, out: 3 * width, bias: form.hasBias, start: form.start, parts: parts)
      ]
    } else {
      projections = try ["q", "k", "v"].map {
        try Linear(scope.child($0), in: width, out: width, bias: form.hasBias, start: form.start)
      }
    }
    output = try Linear(scope.child("o"), in: width, out: width, start: form.outputStart)
  }

  /// Applies the layer to x [batch, time, width].
  public func callAsFunction(_ x: Tensor, _ pass: Pass) throws -> Tensor {
    let (q, k, v) = try projected(x, pass)
    let mixed = try site.run(x, pass) { _ in
      var k = k, v = v
      if let cache = pass.cache { (k, v) = try remember(k, v, in: cache) }
      let heads = AttentionForm(
        heads: form.heads, headWidth: form.width / form.heads, isCausal: form.isCausal, mask: pass.keyMask)
      let added = try site.edits(pass).reduce(KeysValues()) { try $1.keysValues?(x, $0, pass) ?? $0 }
      let looks: ((Tensor) -> Void)? = pass.trace.flatMap { trace in
        trace.wants(site) ? { [site] in trace.record(site, probabilities: $0) } : nil
      }
      return try Tensor.attention(q: q, k: k, v: v, extra: added.extra, heads, weights: looks)
    }
    return try output(mixed, pass)
  }

  private func projected(_ x: Tensor, _ pass: Pass) throws -> (q: HeadColumns, k: HeadColumns, v: HeadColumns)
  {
    let y = try projections.map { try $0(x, pass) }
    guard form.isFused else { return (HeadColumns(y[0]), HeadColumns(y[1]), HeadColumns(y[2])) }
    return (
      HeadColumns(y[0]), HeadColumns(y[0], column: form.width), HeadColumns(y[0], column: 2 * form.width)
    )
  }

  /// Puts the new keys and values behind the cached ones.
  private func remember(_ k: HeadColumns, _ v: HeadColumns, in cache: Cache) throws -> (
    HeadColumns, HeadColumns
  ) {
    func joined(_ old: Tensor?, _ new: HeadColumns) throws -> Tensor {
      let fresh = try new.tensor.slice(axis: 2, new.column..<new.column + form.width)
      return try old.map { try Tensor.concat([$0, fresh], axis: 1) } ?? fresh
    }
    let old = cache.layers[site.name]
    let keys = try joined(old?.keys, k), values = try joined(old?.values, v)
    cache.layers[site.name] = (keys, values)
    return (HeadColumns(keys), HeadColumns(values))
  }
}
