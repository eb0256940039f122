import Engine

/// Attention: a position reads others, which it finds by comparing its query with their keys.
///
///     q, k, v = x·Wᵀ + b        y = attention(q, k, v)·Woᵀ + bo
///
/// q, k and v are three layers, or the parts of one fused layer `qkv`; either way there are sites `q`, `k`, `v`. Cross
/// attention reads its keys and values from other states, which the pass carries.
public struct Attention {
  /// Where the numbers of q, k and v come from.
  enum Projection: Sendable {
    /// From three weights.
    case separate
    /// From one weight: first all of q, then k, then v (GPT-2).
    case stacked
    /// From one weight, head by head: its q, its k, its v (BLOOM).
    case interleaved
  }

  /// How a query knows how far a key is.
  enum Positions: Sendable {
    /// Not here: from what entered.
    case none
    /// By turning queries and keys: the pass holds the angles.
    case rotary
    /// By a slope for each head, which lowers the scores of distant keys.
    case slopes([Float])
  }

  /// Sizes and kind of an attention layer.
  struct Form {
    /// Numbers a position.
    var width: Int
    /// Heads of the queries.
    var heads: Int
    /// Heads of the keys and values: a divisor of `heads`, fewer where several queries share them.
    var keyHeads: Int
    /// Numbers a head.
    var headWidth: Int
    /// Whether a position sees only those before it.
    var isCausal = true
    /// Where q, k and v come from.
    var projection = Projection.separate
    /// Whether q, k and v have a bias.
    var hasBias = true
    /// Whether the projection after the heads has one.
    var outputHasBias = true
    /// Norms of each head's queries and keys (Qwen3); nil: none.
    var norms: Norm.Form?
    /// What multiplies the scores; nil: 1/√headWidth.
    var scale: Float?
    /// How a query knows how far a key is.
    var positions = Positions.none
    /// How many positions back a query sees, itself included; nil: all.
    var window: Int?
    /// Whether a query before all real positions reads every position alike, as some libraries have it; else nothing.
    var blindReadsAll = false
    /// Whether keys and values come from other states than the queries.
    var isCross = false
    /// What distances add to the scores (T5); nil: nothing.
    var relative: RelativeBias?
    /// How the projections to q, k and v start.
    var start = Start.normal(0.02)
    /// How the projection to q starts; nil: as the others.
    var queryStart: Start?
    /// How the projection after the heads starts.
    var outputStart = Start.normal(0.02)

    init(width: Int, heads: Int, keyHeads: Int? = nil, headWidth: Int? = nil) {
      (self.width, self.heads) = (width, heads)
      self.keyHeads = keyHeads ?? heads
      self.headWidth = headWidth ?? width / max(heads, 1)
    }

    /// Numbers that all queries of a position have.
    var queryWidth: Int { heads * headWidth }
    /// Numbers that all keys of a position have.
    var keyWidth: Int { keyHeads * headWidth }

    /// q, k and v with the columns of a fused layer that they are.
    var parts: [(name: String, columns: Columns)] {
      guard projection != .interleaved else {
        return ["q", "k", "v"].enumerated().map { i, name in
          (name, Columns(first: i * headWidth, width: headWidth, blocks: heads, stride: 3 * headWidth))
        }
      }
      return [
        ("q", Columns(0..<queryWidth)), ("k", Columns(queryWidth..<queryWidth + keyWidth)),
        ("v", Columns(queryWidth + keyWidth..<queryWidth + 2 * keyWidth)),
      ]
    }

    /// Names and shapes of its parameters, in the order in which they are made.
    func shapes(_ path: String) -> [NamedShape] {
      let layers =
        projection == .separate
        ? parts.map { ($0.name, $0.columns.count) } : [("qkv", queryWidth + 2 * keyWidth)]
      return layers.flatMap { NamedShapes.affine("\(path).\($0.0)", [$0.1, width], bias: hasBias) }
        + ["qnorm", "knorm"].flatMap { norms?.shapes("\(path).\($0)", headWidth) ?? [] }
        + NamedShapes.affine(path + ".o", [width, queryWidth], bias: outputHasBias)
    }
  }

  /// Where attention itself runs, between the projections: takes `keysValues` edits, shows probabilities.
  public let site: Site
  /// The fused projection `qkv`, or `q`, `k` and `v`.
  public let projections: [Linear]
  /// The norms of each head's queries and keys; nil: none.
  public let norms: (q: Norm, k: Norm)?
  /// The projection after the heads, `o`.
  public let output: Linear
  private let form: Form

  init(_ scope: Scope, _ form: Form) throws {
    self.form = form
    site = scope.site(.attention, width: (form.width, form.queryWidth))
    site.keyWidth = form.keyWidth
    site.heads = Site.Heads(
      queries: form.heads, keys: form.keyHeads, width: form.headWidth, isCausal: form.isCausal,
      isCross: form.isCross)
    func projection(_ name: String, _ out: Int, parts: [(name: String, columns: Columns)] = []) throws
      -> Linear
    {
      let start = name == "q" ? form.queryStart ?? form.start : form.start
      return try Linear(
        scope.child(name), in: form.width, out: out, bias: form.hasBias, start: start, parts: parts)
    }
    projections =
      form.projection == .separate
      ? try form.parts.map { try projection($0.name, $0.columns.count) }
      : [try projection("qkv", form.queryWidth + 2 * form.keyWidth, parts: form.parts)]
    norms = try form.norms.map { norm in
      (
        try Norm(scope.child("qnorm"), width: form.headWidth, norm),
        try Norm(scope.child("knorm"), width: form.headWidth, norm)
      )
    }
    output = try Linear(
      scope.child("o"), in: form.queryWidth, out: form.width, bias: form.outputHasBias,
      start: form.outputStart)
  }

  /// The layers that read the states from which queries come.
  var readers: [Site] { form.isCross ? [projections[0].site] : projections.map(\.site) }

  /// The layers that read the states from which keys and values come, where those are other ones.
  var memoryReaders: [Site] { form.isCross ? projections.dropFirst().map(\.site) : [] }

  /// Applies the layer to x [batch, time, width].
  public func callAsFunction(_ x: Tensor, _ pass: Pass) throws -> Tensor {
    var (q, k, v) = try form.isCross ? crossing(x, pass) : projected(x, pass)
    if !form.isCross { (q, k) = try placed(q, k, pass) }
    let mixed = try site.run(x, pass) { _ in
      if !form.isCross, let cache = pass.cache { (k, v) = try remember(k, v, in: cache) }
      var heads = AttentionForm(
        heads: form.heads, headWidth: form.headWidth, isCausal: form.isCausal,
        mask: form.isCross ? pass.memory?.mask : pass.keyMask)
      heads.keyHeads = form.keyHeads
      heads.window = form.window
      heads.blindReadsAll = form.blindReadsAll
      if let scale = form.scale { heads.scale = scale }
      let added = try site.edits(pass).reduce(KeysValues()) { try $1.keysValues?(x, $0, pass) ?? $0 }
      if case .slopes(let slopes) = form.positions {
        heads.slopes = slopes
        heads.places = pass.counted?.places(extra: added.extra?.keys.shape.dropLast().last ?? 0)
      }
      let looks: ((Tensor) -> Void)? = pass.trace.flatMap { trace in
        trace.wants(site) ? { [site] in trace.record(site, probabilities: $0) } : nil
      }
      let bias = try form.relative.map {
        try $0(
          queries: q.tensor.shape[1], keys: k.tensor.shape[1],
          extra: added.extra?.keys.shape.dropLast().last ?? 0, pass)
      }
      return try Tensor.attention(q: q, k: k, v: v, extra: added.extra, bias: bias, heads, weights: looks)
    }
    return try output(mixed, pass)
  }

  private typealias Projected = (q: HeadColumns, k: HeadColumns, v: HeadColumns)

  private func projected(_ x: Tensor, _ pass: Pass) throws -> Projected {
    let y = try projections.map { try $0(x, pass) }
    guard form.projection != .separate else {
      return (HeadColumns(y[0]), HeadColumns(y[1]), HeadColumns(y[2]))
    }
    let stride = form.projection == .interleaved ? 3 * form.headWidth : form.headWidth
    let parts = form.parts.map { HeadColumns(y[0], column: $0.columns.first, stride: stride) }
    return (parts[0], parts[1], parts[2])
  }

  /// Queries from x, keys and values from the states in the pass; those are kept for the whole generation.
  private func crossing(_ x: Tensor, _ pass: Pass) throws -> Projected {
    guard let memory = pass.memory, projections.count == 3 else {
      throw EngineError.shapes(op: "cross attention", "\(site.name) has no states to read")
    }
    let q = HeadColumns(try projections[0](x, pass))
    if let known = pass.cache?.layers[site.name] {
      return (q, HeadColumns(known.keys), HeadColumns(known.values))
    }
    let k = try projections[1](memory.states, pass), v = try projections[2](memory.states, pass)
    pass.cache?.layers[site.name] = (k, v)
    return (q, HeadColumns(k), HeadColumns(v))
  }

  /// Queries and keys after their norms, turned by their positions.
  private func placed(_ q: HeadColumns, _ k: HeadColumns, _ pass: Pass) throws -> (HeadColumns, HeadColumns) {
    var angles: RotaryAngles?
    if case .rotary = form.positions { angles = pass.angles }
    func placed(_ norm: Norm?, _ x: HeadColumns, _ heads: Int) throws -> HeadColumns {
      guard norm != nil || angles != nil else { return x }
      var own = try x.own(heads, form.headWidth)
      if let norm {
        let split = Array(own.shape.dropLast()) + [heads, form.headWidth]
        own = try norm(own.reshaped(split), pass).reshaped(own.shape)
      }
      return HeadColumns(try angles.map { try own.rotated(by: $0, headWidth: form.headWidth) } ?? own)
    }
    return (try placed(norms?.q, q, form.heads), try placed(norms?.k, k, form.keyHeads))
  }

  /// Puts the new keys and values behind the cached ones.
  private func remember(_ k: HeadColumns, _ v: HeadColumns, in cache: Cache) throws -> (
    HeadColumns, HeadColumns
  ) {
    func joined(_ old: Tensor?, _ new: HeadColumns) throws -> Tensor {
      let fresh = try new.own(form.keyHeads, form.headWidth)
      return try old.map { try Tensor.concat([$0, fresh], axis: 1) } ?? fresh
    }
    let old = cache.layers[site.name]
    let keys = try joined(old?.keys, k), values = try joined(old?.values, v)
    cache.layers[site.name] = (keys, values)
    return (HeadColumns(keys), HeadColumns(values))
  }
}

extension HeadColumns {
  /// The heads' numbers alone, one after another: [batch, time, heads·width].
  func own(_ heads: Int, _ width: Int) throws -> Tensor {
    let columns = Columns(first: column, width: width, blocks: heads, stride: stride ?? width)
    return columns.range == 0..<tensor.width ? tensor : try tensor.slice(axis: 2, columns)
  }
}
