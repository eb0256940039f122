import CKernels
import Foundation
import Testing

extension KernelTests {
  @Suite struct RowTests {
    static let shapes = [
      (1, 1), (2, 3), (3, 15), (5, 16), (17, 17), (16, 64), (33, 64), (4, 100), (18, 31), (2, 300),
    ]

    /// The forward formulas in double; w and b may be missing.
    static func norm(_ x: [Float], _ n: Int, _ eps: Double, centred: Bool, w: [Float]?, b: [Float]?)
      -> (y: [Double], mean: [Double], rstd: [Double])
    {
      var y: [Double] = [], means: [Double] = [], rstds: [Double] = []
      for r in 0..<(x.count / n) {
        let row = x[(r * n)..<((r + 1) * n)].map { Double($0) }
        let mean = centred ? row.reduce(0, +) / Double(n) : 0
        let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(n)
        let k = 1 / (variance + eps).squareRoot()
        means.append(mean)
        rstds.append(k)
        for i in 0..<n { y.append((row[i] - mean) * k * Double(w?[i] ?? 1) + Double(b?[i] ?? 0)) }
      }
      return (y, means, rstds)
    }

    /// The slopes by formula: dx, and what is added to dw and db.
    static func normBack(
      _ x: [Float], _ n: Int, centred: Bool, w: [Float]?, mean: [Double], rstd: [Double], dy: [Float]
    ) -> (dx: [Double], dw: [Double], db: [Double]) {
      var dx: [Double] = [], dw = [Double](repeating: 0, count: n), db = dw
      for r in 0..<(x.count / n) {
        let h = (0..<n).map { (Double(x[r * n + $0]) - mean[r]) * rstd[r] }
        let g = (0..<n).map { Double(dy[r * n + $0]) * Double(w?[$0] ?? 1) }
        let a = centred ? g.reduce(0, +) / Double(n) : 0
        let c = zip(g, h).reduce(0) { $0 + $1.0 * $1.1 } / Double(n)
        for i in 0..<n {
          dx.append(rstd[r] * (g[i] - a - h[i] * c))
          dw[i] += Double(dy[r * n + i]) * h[i]
          db[i] += Double(dy[r * n + i])
        }
      }
      return (dx, dw, db)
    }

    @Test(arguments: [true, false]) func norms(centred: Bool) {
      onEveryTable { table in
        for (rows, n) in Self.shapes {
          for weighted in [true, false] {
            var chance = Sequence64(UInt64(rows * 991 + n))
            let x = chance.values(rows * n, 2).map { $0 + 3 }
            let w: [Float]? = weighted ? chance.values(n) : nil
            let b: [Float]? = weighted && centred ? chance.values(n) : nil
            var y = Guarded(rows * n), mean = Guarded(rows), rstd = Guarded(rows)
            if centred {
              ck_layer_norm(rows, n, 0.1, x, w, b, &y.all, &mean.all, &rstd.all)
            } else {
              ck_rms_norm(rows, n, 0.1, x, w, &y.all, &rstd.all)
            }
            let want = Self.norm(x, n, Double(Float(0.1)), centred: centred, w: w, b: b)
            let where_ = "\(table) centred=\(centred) \(rows)x\(n) weighted=\(weighted)"
            #expect(distance(y.values, want.y) < 3e-6 && y.intact, "\(where_)")
            #expect(distance(rstd.values, want.rstd) < 2e-6 && rstd.intact, "\(where_) rstd")
            if centred { #expect(distance(mean.values, want.mean) < 1e-6 && mean.intact, "\(where_) mean") }
            Self.checkBack(where_, rows, n, centred, x, w, mean.values, rstd.values, chance.values(rows * n))
          }
        }
      }
    }

    static func checkBack(
      _ label: String, _ rows: Int, _ n: Int, _ centred: Bool, _ x: [Float], _ w: [Float]?,
      _ mean: [Float], _ rstd: [Float], _ dy: [Float]
    ) {
      let means = centred ? mean.map { Double($0) } : [Double](repeating: 0, count: rows)
      let want = normBack(x, n, centred: centred, w: w, mean: means, rstd: rstd.map { Double($0) }, dy: dy)
      let before = [Float](repeating: 0.5, count: n)
      var dx = Guarded(rows * n), dw = Guarded(before), db = Guarded(before), alone = Guarded(rows * n)
      if centred {
        ck_layer_norm_back(rows, n, x, w, mean, rstd, dy, &dx.all, &dw.all, &db.all)
        ck_layer_norm_back(rows, n, x, w, mean, rstd, dy, &alone.all, nil, nil)
        ck_layer_norm_back(rows, n, x, w, mean, rstd, dy, nil, nil, nil)
      } else {
        ck_rms_norm_back(rows, n, x, w, rstd, dy, &dx.all, &dw.all)
        ck_rms_norm_back(rows, n, x, w, rstd, dy, &alone.all, nil)
        ck_rms_norm_back(rows, n, x, w, rstd, dy, nil, nil)
      }
      #expect(distance(dx.values, want.dx) < 5e-6 && dx.intact, "\(label) dx")
      #expect(alone.values == dx.values, "\(label) dx alone")
      #expect(distance(dw.values, want.dw.map { $0 + 0.5 }) < 1e-5 && dw.intact, "\(label) dw")
      if centred { #expect(distance(db.values, want.db.map { $0 + 0.5 }) < 1e-5 && db.intact, "\(label) db") }
    }

    /// A large mean must not drown the variance.
    @Test func largeMean() {
      onEveryTable { table in
        let x: [Float] = (0..<64).map { 1000 + Float($0 % 2) }
        var y = [Float](repeating: 0, count: 64), mean: [Float] = [0], rstd: [Float] = [0]
        ck_layer_norm(1, 64, 1e-5, x, nil, nil, &y, &mean, &rstd)
        #expect(abs(mean[0] - 1000.5) < 1e-4 && abs(rstd[0] - 2) < 1e-3, "\(table) \(mean) \(rstd)")
      }
    }

    static func softmax(_ x: ArraySlice<Float>) -> (p: [Double], lse: Double) {
      let m = Double(x.max() ?? 0)
      let e = x.map { exp(Double($0) - m) }
      let s = e.reduce(0, +)
      return (e.map { $0 / s }, m + log(s))
    }

    @Test func softmaxAndBack() {
      onEveryTable { table in
        for (rows, n) in Self.shapes {
          var chance = Sequence64(UInt64(rows * 17 + n))
          let x = chance.values(rows * n, 20), dy = chance.values(rows * n)
          var want: [Double] = [], logs: [Double] = [], slopes: [Double] = [], logSlopes: [Double] = []
          var y = Guarded(x), l = Guarded(rows * n), dx = Guarded(rows * n), dl = Guarded(rows * n)
          y.all.withUnsafeMutableBufferPointer { ck_softmax(rows, n, $0.baseAddress, $0.baseAddress) }
          ck_log_softmax(rows, n, x, &l.all)
          ck_softmax_back(rows, n, y.values, dy, &dx.all)
          ck_log_softmax_back(rows, n, l.values, dy, &dl.all)
          for r in 0..<rows {
            let row = x[(r * n)..<((r + 1) * n)], g = dy[(r * n)..<((r + 1) * n)].map { Double($0) }
            let (p, lse) = Self.softmax(row)
            want += p
            logs += row.map { Double($0) - lse }
            let mean = zip(p, g).reduce(0) { $0 + $1.0 * $1.1 }, total = g.reduce(0, +)
            slopes += zip(p, g).map { $0 * ($1 - mean) }
            logSlopes += zip(p, g).map { $1 - $0 * total }
          }
          let label = "\(table) \(rows)x\(n)"
          #expect(distance(y.values, want) < 1e-6 && y.intact, "\(label)")
          #expect(distance(l.values, logs) < 1e-6 && l.intact, "\(label) log")
          #expect(distance(dx.values, slopes) < 2e-6 && dx.intact, "\(label) back")
          #expect(distance(dl.values, logSlopes) < 3e-6 && dl.intact, "\(label) log back")
        }
      }
    }

    @Test func crossEntropy() {
      onEveryTable { table in
        for (rows, n) in Self.shapes {
          var chance = Sequence64(UInt64(rows * 7 + n))
          let x = chance.values(rows * n, 10)
          let labels = (0..<rows).map { r in r % 4 == 3 ? Int32(-100) : Int32(chance.word() % UInt64(n)) }
          var loss = Guarded(rows), grad = Guarded(rows * n), only = Guarded(rows), same = Guarded(x)
          ck_cross_entropy(rows, n, x, labels, 0.25, &loss.all, &grad.all)
          ck_cross_entropy(rows, n, x, labels, 0.25, &only.all, nil)
          same.all.withUnsafeMutableBufferPointer {
            ck_cross_entropy(rows, n, $0.baseAddress, labels, 0.25, &only.all, $0.baseAddress)
          }
          var losses: [Double] = [], slopes: [Double] = []
          for r in 0..<rows {
            let row = x[(r * n)..<((r + 1) * n)], label = Int(labels[r])
            let (p, lse) = Self.softmax(row)
            losses.append(label < 0 ? 0 : lse - Double(x[r * n + label]))
            slopes += (0..<n).map { label < 0 ? 0 : (p[$0] - ($0 == label ? 1 : 0)) * 0.25 }
          }
          let name = "\(table) \(rows)x\(n)"
          #expect(distance(loss.values, losses) < 2e-6 && loss.intact, "\(name)")
          #expect(distance(grad.values, slopes) < 1e-6 && grad.intact, "\(name) grad")
          #expect(only.values == loss.values && same.values == grad.values && same.intact, "\(name) in place")
        }
      }
    }

    @Test func hardRows() {
      onEveryTable { table in
        let x: [Float] = [-1e30, 5, -1e30, 1000, 1000, -1e30]
        var y = [Float](repeating: 7, count: 6)
        ck_softmax(2, 3, x, &y)
        #expect(y == [0, 1, 0, 0.5, 0.5, 0], "\(table) \(y)")
        var loss: [Float] = [0, 0]
        ck_cross_entropy(2, 3, [Float.nan, 1, 2, 1, 2, 3], [1, 7], 1, &loss, nil)
        #expect(
          loss[0].isNaN && loss[1].isNaN, "\(table) \(loss): NaN, and a label beyond the row, must show")
      }
    }
  }
}
