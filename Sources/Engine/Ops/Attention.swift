import CKernels

extension Tensor {
  /// Multi-head attention without a matrix of time × time. Vaswani et al. 2017, arXiv:1706.03762.
  ///
  ///     y = softmax(scale·q·kᵀ + bias + mask)·v, head by head        y: [batch, queries, heads·headWidth]
  ///
  /// `extra` are keys and values [extra, keyHeads·headWidth] (or [batch, extra, …]) that stand before all others and
  /// are seen by every query: a prefix. `bias` [heads, queries, extra + keys] is added to the scores of every row.
  /// With `weights`, the probabilities [batch, heads, queries, extra + keys] are handed over, for looking at.
  public static func attention(
    q: HeadColumns, k: HeadColumns, v: HeadColumns, extra: (keys: Tensor, values: Tensor)? = nil,
    bias: Tensor? = nil, _ form: AttentionForm,
    weights: ((Tensor) -> Void)? = nil
  ) throws -> Tensor {
    if let documents = form.mask?.documents {
      return try attentionByDocument(
        q: q, k: k, v: v, extra: extra, bias: bias, form, documents, weights: weights)
    }
    let run = try AttentionRun(q: q, k: k, v: v, extra: extra, bias: bias, form)
    let lse = Storage(run.batch * form.heads * run.queries)
    let looks =
      weights == nil ? nil : Tensor.make([run.batch, form.heads, run.queries, run.extra + run.keys]) { _ in }
    let y = Tensor.make([run.batch, run.queries, run.width]) {
      run.forward(into: $0, lse: lse.floats, looks?.storage.floats)
    }
    if let looks { weights?(looks) }
    var inputs = [q.tensor, k.tensor, v.tensor]
    if let extra { inputs += [extra.keys, extra.values] }
    if let bias { inputs.append(bias) }
    let needs = inputs.map(\.isTracked)
    return try y.recorded("attention", from: inputs) { dy in
      run.gradients(y: y, lse: lse, dy: dy, needs: needs)
    }
  }
}

/// One call of attention: sizes, strides and the loops over batch rows and heads.
private struct AttentionRun {
  let q, k, v: Tensor
  let qColumn, kColumn, vColumn: Int
  let qStep, kStep, vStep: Int
  let extraKeys, extraValues, bias: Tensor?
  let form: AttentionForm
  let batch, queries, keys, extra: Int
  var width: Int { form.heads * form.headWidth }
  var group: Int { form.heads / form.keyHeads }
  /// q, k and v are columns of one tensor, each its own, and so is their gradient.
  let isFused: Bool

  init(
    q: HeadColumns, k: HeadColumns, v: HeadColumns, extra: (keys: Tensor, values: Tensor)?, bias: Tensor?,
    _ form: AttentionForm
  ) throws {
    let shapes = [q, k, v].map(\.tensor.shape)
    guard shapes.allSatisfy({ $0.count == 3 && $0[0] == shapes[0][0] }), shapes[1][1] == shapes[2][1],
      form.headWidth > 0, form.heads > 0, form.keyHeads > 0, form.heads % form.keyHeads == 0,
      q.holds(form.heads, form), k.holds(form.keyHeads, form), v.holds(form.keyHeads, form)
    else {
      throw EngineError.shapes(
        op: "attention", "q, k, v are \(shapes) for \(form.heads) heads of \(form.headWidth)")
    }
    // The kernel reads float32; a packed tensor is unpacked, all others stay where they are.
    self.q = q.tensor.packed(as: .f32)
    self.k = k.tensor.packed(as: .f32)
    self.v = v.tensor.packed(as: .f32)
    (qColumn, kColumn, vColumn) = (q.column, k.column, v.column)
    let step = form.headWidth
    (qStep, kStep, vStep) = (q.stride ?? step, k.stride ?? step, v.stride ?? step)
    (batch, queries, keys) = (shapes[0][0], shapes[0][1], shapes[1][1])
    isFused = HeadColumns.areParts(q, k, v, form)
    self.form = form
    extraKeys = extra?.keys.packed(as: .f32)
    extraValues = extra?.values.packed(as: .f32)
    self.extra = extra?.keys.shape.dropLast().last ?? 0
    self.bias = bias?.packed(as: .f32)
    try check(extra)
  }

  private func check(_ extra: (keys: Tensor, values: Tensor)?) throws {
    let wanted = form.keyHeads * form.headWidth
    func refuse(_ message: String) -> EngineError { .shapes(op: "attention", message) }
    if let mask = form.mask, mask.rows.count != batch || mask.rows.contains(where: { $0.count != keys }) {
      let found = "\(mask.rows.count) rows of \(mask.rows.first?.count ?? 0)"
      throw refuse("the mask has \(found), wanted \(batch) of \(keys)")
    }
    if let slopes = form.slopes, slopes.count != form.heads {
      throw refuse("\(slopes.count) slopes for \(form.heads) heads")
    }
    if let bias, bias.shape != [form.heads, queries, self.extra + keys] {
      throw refuse("the bias is \(bias.shape), wanted \([form.heads, queries, self.extra + keys])")
    }
    if let rows = form.places?.rows,
      rows.count != batch || rows.contains(where: { $0.count != self.extra + keys })
    {
      throw refuse("the keys' places are not \(batch) rows of \(self.extra + keys)")
    }
    if let window = form.window, window < 1 { throw refuse("a window of \(window) keys") }
    guard let extra else { return }
    let shape = extra.keys.shape
    guard shape == extra.values.shape, extra.keys.width == wanted,
      shape.count == 2 || shape.count == 3 && shape[0] == batch
    else {
      let found = "extra keys \(shape) and values \(extra.values.shape)"
      throw refuse("\(found) do not fit \(batch) rows of \(wanted)")
    }
  }

  /// What the kernel reads for batch row b and query head h; alive while `body` runs.
  private func input<R>(_ b: Int, _ h: Int, _ body: (ck_attention_in) -> R) -> R {
    let d = form.headWidth, kh = h / group
    func at(_ t: Tensor, _ column: Int) -> UnsafePointer<Float> {
      UnsafePointer(t.storage.floats) + t.offset + b * t.shape[1] * t.width + column
    }
    func extraAt(_ t: Tensor?) -> UnsafePointer<Float>? {
      t.map {
        UnsafePointer($0.storage.floats) + $0.offset + ($0.shape.count == 3 ? b * extra * $0.width : 0) + kh
          * d
      }
    }
    let bias = bias.map {
      UnsafePointer($0.storage.floats) + $0.offset + h * queries * (extra + keys)
    }
    func call(_ keep: UnsafePointer<UInt8>?, _ places: UnsafePointer<Float>?) -> R {
      body(
        ck_attention_in(
          tq: queries, tk: keys, extra: extra, d: d, q: at(q, qColumn + h * qStep), ldq: q.width,
          k: at(k, kColumn + kh * kStep),
          ldk: k.width, v: at(v, vColumn + kh * vStep), ldv: v.width, ek: extraAt(extraKeys),
          ldek: extraKeys?.width ?? 0,
          ev: extraAt(extraValues), ldev: extraValues?.width ?? 0, scale: form.scale,
          causal: form.isCausal ? 1 : 0,
          keep: keep, blind: form.blindReadsAll ? 1 : 0, slope: form.slopes?[h] ?? 0, places: places,
          window: form.window ?? 0, bias: bias, ldbias: extra + keys))
    }
    func masked(_ places: UnsafePointer<Float>?) -> R {
      guard let mask = form.mask else { return call(nil, places) }
      return mask.rows[b].withUnsafeBufferPointer { call($0.baseAddress, places) }
    }
    guard let places = form.places else { return masked(nil) }
    return places.rows[b].withUnsafeBufferPointer { masked($0.baseAddress) }
  }

  private func withScratch(_ floats: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    let scratch = Storage(floats)
    withExtendedLifetime(scratch) { body(scratch.floats) }
  }

  /// Counts so many multiplications and additions for each number of each key that a query sees.
  private func count(_ each: Int) {
    guard let profile = Profile.current else { return }
    let seen = queries * (extra + keys) - (form.isCausal ? queries * (queries - 1) / 2 : 0)
    profile.count(operations: Double(each * batch * form.heads * form.headWidth) * Double(seen))
  }

  func forward(
    into y: UnsafeMutablePointer<Float>, lse: UnsafeMutablePointer<Float>,
    _ weights: UnsafeMutablePointer<Float>?
  ) {
    count(4)  // q·k, p·v
    let scratch = ck_attention_scratch(queries, keys, extra, form.headWidth)
    Threads.shared.run(batch * form.heads) { task in
      let b = task / form.heads, h = task % form.heads
      withScratch(scratch) { scratch in
        input(b, h) { x in
          withUnsafePointer(to: x) { x in
            ck_attention(
              x, y + b * queries * width + h * form.headWidth, width, lse + task * queries,
              weights.map { $0 + task * queries * (extra + keys) }, scratch)
          }
        }
      }
    }
  }

  /// Gradients for q, k, v, the extra keys and values, and the bias, in that order; a fused tensor gets all of its own
  /// at q.
  func gradients(y: Tensor, lse: Storage, dy: Tensor, needs: [Bool]) -> [Tensor?] {
    count(10)  // q·k again, dy·v, and the products that are dq, dk and dv
    let d = form.headWidth
    let isWhole = isFused && q.width == (form.heads + 2 * form.keyHeads) * d
    func room(_ t: Tensor, _ isNeeded: Bool, _ covered: Bool) -> Tensor? {
      !isNeeded ? nil : covered ? Tensor.make(t.shape) { _ in } : Tensor.zeros(t.shape)
    }
    let dq = room(q, needs[0], isWhole || q.width == width)
    let dk = isFused ? dq : room(k, needs[1], k.width == form.keyHeads * d)
    let dv = isFused ? dq : room(v, needs[2], v.width == form.keyHeads * d)
    // Extra keys are shared by the batch: each row's part by itself, then added up in order.
    let wantsExtra = extraKeys != nil && (needs[3] || needs[4])
    let parts =
      wantsExtra ? (0..<2).map { _ in Tensor.make([batch, extra, form.keyHeads * d]) { _ in } } : []
    // And so is the bias.
    let slopes = bias.flatMap { bias in
      needs.last == true ? Tensor.make([batch] + bias.shape) { _ in } : nil
    }
    let scratch = ck_attention_scratch(queries, keys, extra, d)
    func at(_ t: Tensor?, _ b: Int, _ column: Int) -> UnsafeMutablePointer<Float>? {
      t.map { $0.storage.floats + b * $0.shape[1] * $0.width + column }
    }
    Threads.shared.run(batch * form.keyHeads) { task in
      let b = task / form.keyHeads, kh = task % form.keyHeads
      // Heads that share keys add up: the first writes, the others go through `spare`.
      withScratch(scratch + (group > 1 ? 2 * (keys + extra) * d : 0)) { memory in
        for h in kh * group..<(kh + 1) * group {
          let isFirst = h == kh * group, spare = memory + scratch
          let k = at(dk, b, kColumn + kh * kStep), v = at(dv, b, vColumn + kh * vStep)
          let ek = parts.first.flatMap { at($0, b, kh * d) }, ev = parts.last.flatMap { at($0, b, kh * d) }
          let e = form.keyHeads * d
          input(b, h) { x in
            withUnsafePointer(to: x) { x in
              let o = b * queries * width + h * d
              ck_attention_back(
                x, y.storage.floats + o, width, lse.floats + (b * form.heads + h) * queries,
                UnsafePointer(dy.storage.floats) + dy.offset + o, width,
                at(dq, b, qColumn + h * qStep), q.width,
                isFirst ? k : k.map { _ in spare }, isFirst ? self.k.width : d,
                isFirst ? v : v.map { _ in spare + keys * d }, isFirst ? self.v.width : d,
                isFirst ? ek : ek.map { _ in spare + 2 * keys * d }, isFirst ? e : d,
                isFirst ? ev : ev.map { _ in spare + (2 * keys + extra) * d }, isFirst ? e : d,
                slopes.map { $0.storage.floats + (b * form.heads + h) * queries * (extra + keys) }, memory)
            }
          }
          guard !isFirst else { continue }
          func add(_ to: UnsafeMutablePointer<Float>?, _ stride: Int, _ n: Int, _ from: Int) {
            guard let to else { return }
            for i in 0..<n { ck_axpy(d, 1, spare + from + i * d, to + i * stride) }
          }
          add(k, self.k.width, keys, 0)
          add(v, self.v.width, keys, keys * d)
          add(ek, e, extra, 2 * keys * d)
          add(ev, e, extra, (2 * keys + extra) * d)
        }
      }
    }
    var out: [Tensor?] = isFused ? [dq, nil, nil] : [dq, dk, dv]
    func total(_ t: Tensor) -> Tensor {
      let shape = Array(t.shape.dropFirst())
      return Tensor.make(shape) { sum in t.read { ck_sum_rows(batch, shape.reduce(1, *), $0, sum) } }
    }
    if let extraKeys {
      let parts = extraKeys.shape.count == 2 ? parts.map(total) : parts
      out += [needs[3] ? parts[0] : nil, needs[4] ? parts[1] : nil]
    }
    if bias != nil { out.append(slopes.map(total)) }
    return out
  }
}
