import COpenBLAS
import Engine

/// A matrix product's sizes: C[m, n] = A[m, k]·B[k, n].
struct SGEMM: Hashable {
  let m: Int, n: Int, k: Int

  /// The shortest time of one call: OpenBLAS, the rows of C shared out evenly among the threads.
  func seconds(threads: Int, for budget: Double) -> Double {
    let a = [Float](repeating: 0.5, count: m * k), b = [Float](repeating: 0.25, count: k * n)
    var c = [Float](repeating: 0, count: m * n)
    var best = Double.infinity, runs = 0
    Threads.shared.count = threads
    a.withUnsafeBufferPointer { a in
      b.withUnsafeBufferPointer { b in
        c.withUnsafeMutableBufferPointer { c in
          let pieces = Pieces(size: self, a: a, b: b, c: c, count: min(threads, m))
          let end = Machine.now + budget
          repeat {
            let start = Machine.now
            pieces.run()
            best = min(best, Machine.now - start)
            runs += 1
          } while runs < 3 || Machine.now < end
        }
      }
    }
    return best
  }

  private struct Pieces: @unchecked Sendable {
    let size: SGEMM
    let a: UnsafeBufferPointer<Float>, b: UnsafeBufferPointer<Float>
    let c: UnsafeMutableBufferPointer<Float>
    let count: Int

    func run() {
      guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
      let (n, k) = (size.n, size.k)
      Threads.shared.run(count) { i in
        let from = size.m * i / count, to = size.m * (i + 1) / count
        cblas_sgemm(
          CblasRowMajor, CblasNoTrans, CblasNoTrans, blasint(to - from), blasint(n), blasint(k), 1,
          a + from * k,
          blasint(k), b, blasint(n), 0, c + from * n, blasint(n))
      }
    }
  }
}

extension Bench {
  /// The matrix products of one step and how often each comes; those of attention's heads are not among them.
  var products: [SGEMM: Int] {
    let rows = size.tokens, d = size.width, r = Config.rank
    var out: [SGEMM: Int] = [:]
    func add(_ m: Int, _ n: Int, _ k: Int) { out[SGEMM(m: m, n: n, k: k), default: 0] += 1 }
    func layer(in input: Int, out width: Int, needsInput: Bool = true) {
      add(rows, width, input)  // y = x·Wᵀ
      if needsInput { add(rows, input, width) }  // dx = dy·W
      if config == .full { add(width, input, rows) }  // dW = dyᵀ·x
    }
    for block in 0..<size.layers {
      let isFirst = block == 0 && config != .full  // nothing below it trains
      layer(in: d, out: 3 * d, needsInput: !isFirst)
      layer(in: d, out: d)
      layer(in: d, out: 4 * d)
      layer(in: 4 * d, out: d)
      guard config != .full else { continue }
      add(rows, r, d)  // h = x·Aᵀ
      add(rows, 3 * d, r)  // y += s·h·Bᵀ
      add(rows, r, 3 * d)  // g = s·dy·B
      add(r, d, rows)  // dA = gᵀ·x
      add(3 * d, r, rows)  // dB = s·dyᵀ·h
      if !isFirst { add(rows, d, r) }  // dx += g·A
    }
    layer(in: d, out: size.vocabulary)
    return out
  }

  /// Billions of floating-point operations in those products.
  var gigaflops: Double {
    products.reduce(0) { $0 + 2 * Double($1.key.m) * Double($1.key.n) * Double($1.key.k) * Double($1.value) }
      / 1e9
  }

  /// Seconds that those products would take by OpenBLAS alone.
  func productSeconds(threads: Int) -> Double {
    products.reduce(0) { $0 + $1.key.seconds(threads: threads, for: 0.02) * Double($1.value) }
  }
}
