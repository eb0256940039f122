import CKernels
import COpenBLAS

/// Every matrix product of the engine.
///
///     C[m, n] = α·op(A)·op(B) + β·C        op: as it stands, or transposed
///
/// The output is cut into blocks of rows (of columns, where there are few rows) by a rule of m, n and k alone, so
/// the bits do not depend on how many threads take the blocks. Blocks of at most a million multiply-adds use
/// OpenBLAS's kernels that do not pack, which run at nearly full speed.
enum Product {
  struct Matrix {
    let base: UnsafePointer<Float>
    let stride: Int
    let isTransposed: Bool
    init(_ base: UnsafePointer<Float>, stride: Int, transposed: Bool = false) {
      self.base = base
      self.stride = stride
      isTransposed = transposed
    }
    /// Where row i (or column i) of op(matrix) starts.
    func row(_ i: Int) -> UnsafePointer<Float> { base + (isTransposed ? i : i * stride) }
    func column(_ j: Int) -> UnsafePointer<Float> { base + (isTransposed ? j * stride : j) }
  }

  static func run(
    _ m: Int, _ n: Int, _ k: Int, _ a: Matrix, _ b: Matrix, into c: UnsafeMutablePointer<Float>, stride: Int,
    alpha: Float = 1, beta: Float = 0
  ) {
    guard m > 0, n > 0 else { return }
    let threads = Threads.shared
    if m >= 32 || n < 128 {
      let size = block(m, other: n, k)
      threads.ranges(m, grain: size) { rows in
        one(rows.count, n, k, a.row(rows.lowerBound), a, b.base, b, c + rows.lowerBound * stride, stride, alpha, beta)
      }
    } else {
      let size = block(n, other: m, k)
      threads.ranges(n, grain: size) { columns in
        one(m, columns.count, k, a.base, a, b.column(columns.lowerBound), b, c + columns.lowerBound, stride, alpha, beta)
      }
    }
  }

  /// Rows of a block: at most a million multiply-adds, in multiples of 16; where that is under 16 rows, two to
  /// four blocks.
  private static func block(_ length: Int, other: Int, _ k: Int) -> Int {
    let work = other * k
    if length * work < 1 << 16 { return length }
    let size = 1_000_000 / max(work, 1) / 16 * 16
    if size >= 16 { return min(size, (length + 31) / 32 * 16) }  // at least two blocks
    let blocks = min(4, max(2, length / 64))
    return max(16, (length + blocks * 16 - 1) / (blocks * 16) * 16)
  }

  private static func one(
    _ m: Int, _ n: Int, _ k: Int, _ a: UnsafePointer<Float>, _ fa: Matrix, _ b: UnsafePointer<Float>, _ fb: Matrix,
    _ c: UnsafeMutablePointer<Float>, _ stride: Int, _ alpha: Float, _ beta: Float
  ) {
    if !fb.isTransposed && (n <= 16 || k <= 16 || m * n * k < 4096) && (beta == 0 || beta == 1) {
      let (row, column) = fa.isTransposed ? (1, fa.stride) : (fa.stride, 1)
      ck_small_product(m, n, k, alpha, a, row, column, b, fb.stride, beta, c, stride)
      return
    }
    cblas_sgemm(
      CblasRowMajor, fa.isTransposed ? CblasTrans : CblasNoTrans, fb.isTransposed ? CblasTrans : CblasNoTrans,
      blasint(m), blasint(n), blasint(k), alpha, a, blasint(max(fa.stride, 1)), b, blasint(max(fb.stride, 1)),
      beta, c, blasint(max(stride, 1)))
  }
}
