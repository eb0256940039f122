import CKernels

/// A low-rank change beside a weight, as data: the engine adds s·(x·Aᵀ)·Bᵀ into the output in place.
public struct LowRankTerm {
  /// The factor that reads the input, [r, in].
  public var a: Tensor
  /// The factor that writes the output, [out, r], or [columns, r] where only some columns are written.
  public var b: Tensor
  /// s, which multiplies the product.
  public var scale: Float
  /// What A reads in place of the layer's input (the input after dropout), same shape; nil: the input itself.
  public var input: Tensor?
  /// The columns of the output that B writes; nil: all.
  public var columns: Range<Int>?

  /// A term from its factors.
  public init(a: Tensor, b: Tensor, scale: Float, input: Tensor? = nil, columns: Range<Int>? = nil) {
    self.a = a
    self.b = b
    self.scale = scale
    self.input = input
    self.columns = columns
  }

  var rank: Int { a.shape.first ?? 0 }
}

extension Tensor {
  /// A linear layer with its low-rank terms: one op, one node on the tape.
  ///
  ///     y = x·Wᵀ + b + Σ s·(x·Aᵀ)·Bᵀ
  ///     dx = dy·W + Σ g·A     dW = dyᵀ·x     db = Σ rows dy     g = s·dy·B     dA = gᵀ·x     dB = s·dyᵀ·(x·Aᵀ)
  ///
  /// x: [..., in], W: [out, in], b: [out]. Frozen weights cost no gradient. A packed W is unpacked for each product
  /// alone. Where `compute` or W's packing says so, x, dy and a frozen W are rounded to bfloat16 first, and sums stay
  /// float32; terms are float32 always.
  public func linear(
    _ weight: Tensor, bias: Tensor? = nil, terms: [LowRankTerm] = [], compute: Compute = .f32
  ) throws -> Tensor {
    let isHalf = !weight.isTracked && (compute == .bf16 || weight.packing?.form.rounds == true)
    let inputs =
      [self, weight] + (bias.map { [$0] } ?? [])
      + terms.flatMap { [$0.a, $0.b] + ($0.input.map { [$0] } ?? []) }
    let needs = inputs.map(\.isTracked), hasBias = bias != nil
    let layer = try LinearShape(
      x: self, weight: weight, bias: bias, terms: terms, isHalf: isHalf, isTraining: needs.contains(true))
    let x = plain, w = weight.plain, plainTerms = terms.map(\.plain)
    let inner = terms.map { term in Tensor.make([layer.rows, term.rank]) { _ in } }
    let y = Tensor.make(shape.dropLast() + [layer.out]) { y in
      layer.forward(x, w, bias, plainTerms, inner, into: y)
    }
    // Only what some gradient asks for is kept: x is not, where W is frozen and no factor reads it.
    let wanted = terms.map { (a: $0.a.isTracked, b: $0.b.isTracked) }, shape = x.shape
    let isRead = needs[1] || Swift.zip(terms, wanted).contains { $0.input == nil && $1.a }
    let kept = isRead ? x : nil
    return try y.recorded("linear", from: inputs) { dy in
      let slopes = plainTerms.map { term in Tensor.make([layer.rows, term.rank]) { _ in } }
      var own = plainTerms.map { term in term.input.map { input in Tensor.make(input.shape) { _ in } } }
      let dx = needs[0] ? Tensor.make(shape) { _ in } : nil
      layer.inputGradients(dy, w, plainTerms, slopes, into: dx, own: own)
      var out: [Tensor?] = [dx, needs[1] ? kept.map { layer.weightGradient(dy, $0) } : nil]
      if hasBias { out.append(needs[2] ? layer.biasGradient(dy) : nil) }
      for (i, term) in plainTerms.enumerated() {
        let x = wanted[i].a ? term.input ?? kept : nil
        let factors = layer.factorGradients(
          term, dy, x: x, g: slopes[i], h: wanted[i].b ? inner[i] : nil)
        out += [factors.a, factors.b]
        guard term.input != nil else { continue }
        if !needs[out.count] { own[i] = nil }
        out.append(own[i])
      }
      return out
    }
  }
}

extension LowRankTerm {
  fileprivate var plain: LowRankTerm {
    LowRankTerm(a: a.plain, b: b.plain, scale: scale, input: input?.plain, columns: columns)
  }
}

/// The sizes of a linear layer, and its products forwards and back.
private struct LinearShape {
  let rows: Int, `in`: Int, out: Int
  /// Whether products with W are bfloat16's.
  let isHalf: Bool
  /// Whether it is a training step's, so that many rows are read, and a way back will be gone.
  let isTraining: Bool

  init(
    x: Tensor, weight: Tensor, bias: Tensor?, terms: [LowRankTerm], isHalf: Bool, isTraining: Bool
  ) throws {
    (self.isHalf, self.isTraining) = (isHalf, isTraining)
    guard weight.shape.count == 2, x.width == weight.shape[1] else {
      throw EngineError.shapes(op: "linear", "input \(x.shape) and weight \(weight.shape) do not meet")
    }
    rows = x.rows
    `in` = weight.shape[1]
    out = weight.shape[0]
    if let bias, bias.count != out {
      throw EngineError.shapes(op: "linear", "weight \(weight.shape) and bias \(bias.shape) do not meet")
    }
    for t in terms {
      let width = t.columns?.count ?? out, end = t.columns?.upperBound ?? out
      guard t.a.shape == [t.rank, `in`], t.b.shape == [width, t.rank], t.input?.shape ?? x.shape == x.shape,
        t.columns?.lowerBound ?? 0 >= 0, end <= out
      else {
        throw EngineError.shapes(
          op: "linear",
          "low-rank factors \(t.a.shape) and \(t.b.shape) do not fit a weight of \(weight.shape)")
      }
    }
  }

  /// y = x·Wᵀ + b + Σ s·h·Bᵀ and h = x·Aᵀ [rows, r]; what is thin is done by the task that has just made the rows.
  func forward(
    _ x: Tensor, _ w: Tensor, _ bias: Tensor?, _ terms: [LowRankTerm], _ inner: [Tensor],
    into y: UnsafeMutablePointer<Float>
  ) {
    let factors = terms.map { t in
      (
        a: t.a.storage.transposed(offset: t.a.offset, rows: t.rank, columns: `in`),
        b: t.b.storage.transposed(offset: t.b.offset, rows: columns(t).count, columns: t.rank)
      )
    }
    count(terms, times: 1)
    func finish(_ done: Range<Int>) {
      let first = done.lowerBound, y = y + first * out
      for (i, t) in terms.enumerated() {
        let r = t.rank, columns = columns(t), h = inner[i].storage.floats + first * r
        (t.input ?? x).read { x in
          Product.one(
            done.count, r, `in`, .init(x + first * `in`, stride: `in`),
            .init(factors[i].a.floats, stride: r), into: h, stride: r)
        }
        Product.one(
          done.count, columns.count, r, .init(h, stride: r),
          .init(factors[i].b.floats, stride: columns.count), into: y + columns.lowerBound, stride: out,
          alpha: t.scale, onto: .itself)
      }
    }
    if FewRows.pay(rows: rows, w.storage.format) {
      x.rounded(isHalf).read { x in
        FewRows.run(rows, x, w.storage, offset: w.offset, out: out, in: `in`, rounded: isHalf, into: y)
      }
      bias?.read { b in ck_add_row(rows, out, y, b, y) }
      return finish(0..<rows)
    }
    let turned =
      isHalf
      ? w.storage.halves(offset: w.offset, rows: out, columns: `in`, turned: true)
      : w.storage.turned(offset: w.offset, rows: out, columns: `in`, isTraining: isTraining)
    func run(onto: Product.Onto) {
      x.read { x in
        Product.run(
          rows, out, `in`, .init(x, stride: `in`), turned, into: y, stride: out, onto: onto, then: finish)
      }
    }
    guard let bias else { return run(onto: .zeros) }
    bias.read { run(onto: .row($0)) }
  }

  /// Counts the two products of each term, [rows, in, r] and [rows, r, columns].
  private func count(_ terms: [LowRankTerm], times: Double) {
    guard let profile = Profile.current else { return }
    for t in terms {
      profile.count(operations: 2 * times * Double(rows) * Double(t.rank) * Double(`in` + columns(t).count))
    }
  }

  /// The columns of the output that a term writes.
  private func columns(_ t: LowRankTerm) -> Range<Int> { t.columns ?? 0..<out }

  /// dx = dy·W + Σ g·A and g = s·dy·B [rows, r]; a term that reads something of its own gets its g·A by itself.
  func inputGradients(
    _ dy: Tensor, _ w: Tensor, _ terms: [LowRankTerm], _ slopes: [Tensor], into dx: Tensor?, own: [Tensor?]
  ) {
    count(terms, times: 1)
    dy.read { dy in
      func finish(_ done: Range<Int>) {
        let first = done.lowerBound
        for (i, t) in terms.enumerated() {
          let r = t.rank, columns = columns(t), g = slopes[i].storage.floats + first * r
          t.b.read { b in
            Product.one(
              done.count, r, columns.count, .init(dy + first * out + columns.lowerBound, stride: out),
              .init(b, stride: r), into: g, stride: r, alpha: t.scale)
          }
          guard let into = t.input == nil ? dx : own[i] else { continue }
          t.a.read { a in
            Product.one(
              done.count, `in`, r, .init(g, stride: r), .init(a, stride: `in`),
              into: into.storage.floats + first * `in`, stride: `in`, onto: t.input == nil ? .itself : .zeros)
          }
        }
      }
      guard let dx else { return Threads.shared.ranges(terms.isEmpty ? 0 : rows, grain: 128, finish) }
      let d = Product.Matrix(dy, stride: out), into = dx.storage.floats
      if isHalf {
        let halves = w.storage.halves(offset: w.offset, rows: out, columns: `in`, turned: false)
        return Product.run(rows, `in`, out, d, halves, into: into, stride: `in`, then: finish)
      }
      w.read { w in
        Product.run(rows, `in`, out, d, .init(w, stride: `in`), into: into, stride: `in`, then: finish)
      }
    }
  }

  func weightGradient(_ dy: Tensor, _ x: Tensor) -> Tensor {
    Tensor.make([out, `in`]) { dw in
      dy.read { dy in
        x.read { x in
          Product.run(
            out, `in`, rows, .init(dy, stride: out, transposed: true), .init(x, stride: `in`), into: dw,
            stride: `in`)
        }
      }
    }
  }

  func biasGradient(_ dy: Tensor) -> Tensor {
    let grain = max(64, elementGrain / max(out, 1)), blocks = (rows + grain - 1) / grain
    let parts = Tensor.make([blocks, out]) { parts in
      dy.read { dy in
        Threads.shared.run(blocks) { i in
          ck_sum_rows(min(grain, rows - i * grain), out, dy + i * grain * out, parts + i * out)
        }
      }
    }
    if blocks == 1 { return Tensor(shape: [out], storage: parts.storage) }
    return Tensor.make([out]) { db in parts.read { ck_sum_rows(blocks, out, $0, db) } }
  }

  /// dA = gᵀ·x and dB = s·dyᵀ·h of a term, shared out among the threads together: each is thin. Without x or h: not
  /// wanted.
  func factorGradients(
    _ t: LowRankTerm, _ dy: Tensor, x: Tensor?, g: Tensor, h: Tensor?
  ) -> (a: Tensor?, b: Tensor?) {
    let r = t.rank, columns = columns(t), grain = 64
    // The long way round, [in, r] rather than [r, in], so that threads can share the rows.
    let long = x.map { _ in Tensor.make([`in`, r]) { _ in } }
    let db = h.map { _ in Tensor.make([columns.count, r]) { _ in } }
    let parts = x == nil ? 0 : (`in` + grain - 1) / grain
    count([t], times: 1)
    dy.read { dy in
      /// Rows of fromᵀ·with, where from has `width` numbers a row.
      func rows(
        _ first: Int, of all: Int, _ from: UnsafePointer<Float>, width: Int, _ with: Tensor, into: Tensor,
        alpha: Float
      ) {
        Product.one(
          min(grain, all - first), r, self.rows, .init(from + first, stride: width, transposed: true),
          .init(with.storage.floats, stride: r), into: into.storage.floats + first * r, stride: r,
          alpha: alpha)
      }
      Threads.shared.run(parts + (h == nil ? 0 : (columns.count + grain - 1) / grain)) { part in
        if part < parts, let x, let long {
          x.read { rows(part * grain, of: `in`, $0, width: `in`, g, into: long, alpha: 1) }
        } else if let h, let db {
          let first = (part - parts) * grain
          rows(first, of: columns.count, dy + columns.lowerBound, width: out, h, into: db, alpha: t.scale)
        }
      }
    }
    let da = long.map { long in
      Tensor.make([r, `in`]) { da in ck_transpose(`in`, r, long.storage.floats, r, da, `in`) }
    }
    return (da, db)
  }
}
