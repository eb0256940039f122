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
    let layer = try LinearShape(x: self, weight: weight, bias: bias, terms: terms, isHalf: isHalf)
    let x = plain, w = weight.plain, plainTerms = terms.map(\.plain)
    let y = Tensor.make(shape.dropLast() + [layer.out]) { y in layer.product(x, w, bias, into: y) }
    let inner = plainTerms.map { layer.addTerm($0, x, into: y.storage.floats) }
    let inputs =
      [self, weight] + (bias.map { [$0] } ?? [])
      + terms.flatMap { [$0.a, $0.b] + ($0.input.map { [$0] } ?? []) }
    let needs = inputs.map(\.isTracked), hasBias = bias != nil
    return try y.recorded("linear", from: inputs) { dy in
      var out: [Tensor?] = []
      let dx = needs[0] ? Tensor.make(x.shape) { dx in layer.inputGradient(dy, w, into: dx) } : nil
      out.append(dx)
      out.append(needs[1] ? layer.weightGradient(dy, x) : nil)
      if hasBias { out.append(needs[out.count] ? layer.biasGradient(dy) : nil) }
      for (term, h) in Swift.zip(plainTerms, inner) {
        let parts = layer.termGradients(
          term, h, dy, x, needsA: needs[out.count], needsB: needs[out.count + 1], dx: dx,
          needsInput: term.input != nil && needs[out.count + 2])
        out += [parts.a, parts.b]
        if term.input != nil { out.append(parts.input) }
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

  init(x: Tensor, weight: Tensor, bias: Tensor?, terms: [LowRankTerm], isHalf: Bool) throws {
    self.isHalf = isHalf
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

  func product(_ x: Tensor, _ w: Tensor, _ bias: Tensor?, into y: UnsafeMutablePointer<Float>) {
    if FewRows.pay(rows: rows, w.storage.format) {
      x.rounded(isHalf).read { x in
        FewRows.run(rows, x, w.storage, offset: w.offset, out: out, in: `in`, rounded: isHalf, into: y)
      }
      bias?.read { b in ck_add_row(rows, out, y, b, y) }
      return
    }
    let turned =
      isHalf
      ? w.storage.halves(offset: w.offset, rows: out, columns: `in`, turned: true)
      : w.storage.turned(offset: w.offset, rows: out, columns: `in`)
    x.read { x in
      let x = Product.Matrix(x, stride: `in`)
      guard let bias else { return Product.run(rows, out, `in`, x, turned, into: y, stride: out) }
      bias.read { b in
        Product.run(rows, out, `in`, x, turned, into: y, stride: out) { done in
          let at = y + done.lowerBound * out
          ck_add_row(done.count, out, at, b, at)
        }
      }
    }
  }

  /// y[:, columns] += s·h·Bᵀ, and gives h = x·Aᵀ [rows, r].
  func addTerm(_ t: LowRankTerm, _ x: Tensor, into y: UnsafeMutablePointer<Float>) -> Tensor {
    let r = t.rank, width = t.columns?.count ?? out, first = t.columns?.lowerBound ?? 0
    let at = t.a.storage.transposed(offset: t.a.offset, rows: r, columns: `in`)
    let bt = t.b.storage.transposed(offset: t.b.offset, rows: width, columns: r)
    let h = Tensor.make([rows, r]) { h in
      (t.input ?? x).read { x in
        Product.run(rows, r, `in`, .init(x, stride: `in`), .init(at.floats, stride: r), into: h, stride: r)
      }
    }
    h.read { h in
      Product.run(
        rows, width, r, .init(h, stride: r), .init(bt.floats, stride: width), into: y + first, stride: out,
        alpha: t.scale, beta: 1)
    }
    return h
  }

  func inputGradient(_ dy: Tensor, _ w: Tensor, into dx: UnsafeMutablePointer<Float>) {
    dy.read { dy in
      if isHalf {
        let halves = w.storage.halves(offset: w.offset, rows: out, columns: `in`, turned: false)
        return Product.run(rows, `in`, out, .init(dy, stride: out), halves, into: dx, stride: `in`)
      }
      w.read { w in
        Product.run(rows, `in`, out, .init(dy, stride: out), .init(w, stride: `in`), into: dx, stride: `in`)
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

  func termGradients(
    _ t: LowRankTerm, _ h: Tensor, _ dy: Tensor, _ x: Tensor, needsA: Bool, needsB: Bool, dx: Tensor?,
    needsInput: Bool
  ) -> (a: Tensor?, b: Tensor?, input: Tensor?) {
    let r = t.rank, width = t.columns?.count ?? out, first = t.columns?.lowerBound ?? 0
    return dy.read { whole in
      let dy = Product.Matrix(whole + first, stride: out)
      let dyT = Product.Matrix(whole + first, stride: out, transposed: true)
      let g = Tensor.make([rows, r]) { g in
        t.b.read { b in
          Product.run(rows, r, width, dy, .init(b, stride: r), into: g, stride: r, alpha: t.scale)
        }
      }
      // The thin products go the long way round, [in, r] rather than [r, in], so that threads can share the rows.
      let da =
        !needsA
        ? nil
        : thin(`in`) { out in
          (t.input ?? x).read { x in
            g.read { g in
              Product.run(
                `in`, r, rows, .init(x, stride: `in`, transposed: true), .init(g, stride: r), into: out,
                stride: r)
            }
          }
        }
      let db =
        !needsB
        ? nil
        : Tensor.make([width, r]) { db in
          h.read { h in
            Product.run(width, r, rows, dyT, .init(h, stride: r), into: db, stride: r, alpha: t.scale)
          }
        }
      func addInput(_ dx: UnsafeMutablePointer<Float>, _ beta: Float) {
        g.read { g in
          t.a.read { a in
            Product.run(
              rows, `in`, r, .init(g, stride: r), .init(a, stride: `in`), into: dx, stride: `in`, beta: beta)
          }
        }
      }
      var input: Tensor?
      if t.input == nil { if let dx { addInput(dx.storage.floats, 1) } }
      if needsInput { input = Tensor.make(x.shape) { addInput($0, 0) } }
      return (da, db, input)
      func thin(_ m: Int, _ fill: (UnsafeMutablePointer<Float>) -> Void) -> Tensor {
        let long = Tensor.make([m, r], fill)
        return Tensor.make([r, m]) { out in long.read { ck_transpose(m, r, $0, r, out, m) } }
      }
    }
  }
}
