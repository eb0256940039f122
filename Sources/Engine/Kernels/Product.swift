import CKernels
import COpenBLAS

/// Every matrix product of the engine.
///
///     C[m, n] = α·op(A)·op(B) + what was there before        op: as it stands, or transposed
///
/// The output is cut into blocks of rows (of columns, where there are few rows) by a rule of m, n and k alone, so
/// the bits do not depend on how many threads take the blocks. Where our own kernel has vectors
/// for it (AVX-512, AVX2) it does all products: a large B is first packed into `Panels`, which costs 1 % and gains 10.
/// Elsewhere OpenBLAS does what is not thin. docs/decisions/0002-products.md has the figures.
enum Product {
  /// A factor as it stands in memory.
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
    func rows(from i: Int) -> Matrix { Matrix(row(i), stride: stride, transposed: isTransposed) }
    func column(_ j: Int) -> UnsafePointer<Float> { base + (isTransposed ? j * stride : j) }
  }

  /// What a product is added to.
  enum Onto {
    case zeros
    /// What C holds.
    case itself
    /// One row for all rows of C: a bias. Added by whoever makes C's numbers, it costs no pass over them.
    case row(UnsafePointer<Float>)

    /// The same for the columns from j on.
    func columns(from j: Int) -> Onto {
      if case .row(let row) = self { return .row(row + j) }
      return self
    }

    /// Where the numbers stand that C, with so many a row, is added to.
    func place(_ c: UnsafeMutablePointer<Float>, _ stride: Int) -> (base: UnsafePointer<Float>?, stride: Int)
    {
      switch self {
      case .zeros: return (nil, 0)
      case .itself: return (UnsafePointer(c), stride)
      case .row(let row): return (row, 0)
      }
    }
  }

  /// Whether our own kernel does all products.
  static let ownsAll = isWide || String(cString: ck_name()) == "x86-64-v3"
  /// Whether registers hold 16 numbers: panels are two of them wide.
  static let isWide = String(cString: ck_name()).hasPrefix("x86-64-v4")

  /// Runs a product. `then` is called for each block of finished rows, while they are near.
  static func run(
    _ m: Int, _ n: Int, _ k: Int, _ a: Matrix, _ b: Matrix, into c: UnsafeMutablePointer<Float>, stride: Int,
    alpha: Float = 1, onto: Onto = .zeros, then: ((Range<Int>) -> Void)? = nil
  ) {
    let right = Right(b, m: m, n: n, k: k)
    run(m, n, k, a, right, into: c, stride: stride, alpha: alpha, onto: onto, then: then)
  }

  /// Runs a product with B as it stands.
  static func stripes(
    _ m: Int, _ n: Int, _ k: Int, _ a: Matrix, _ b: Matrix, into c: UnsafeMutablePointer<Float>, stride: Int,
    alpha: Float, onto: Onto, then: ((Range<Int>) -> Void)?
  ) {
    if m >= 32 || n < 128 {
      Threads.shared.ranges(m, grain: block(m, work: n * k)) { rows in
        let i = rows.lowerBound
        one(
          rows.count, n, k, a.rows(from: i), b, into: c + i * stride, stride: stride, alpha: alpha, onto: onto
        )
        then?(rows)
      }
    } else {
      Threads.shared.ranges(n, grain: block(n, work: m * k)) { columns in
        let j = columns.lowerBound
        let right = Matrix(b.column(j), stride: b.stride, transposed: b.isTransposed)
        one(
          m, columns.count, k, a, right, into: c + j, stride: stride, alpha: alpha,
          onto: onto.columns(from: j))
      }
      then?(0..<m)
    }
  }

  /// Runs a product with B in panels.
  static func run(
    _ m: Int, _ n: Int, _ k: Int, _ a: Matrix, _ b: Panels, into c: UnsafeMutablePointer<Float>, stride: Int,
    alpha: Float = 1, onto: Onto = .zeros, then: ((Range<Int>) -> Void)? = nil
  ) {
    // Tiles of six rows down the columns of A would fetch each line of a large one several times: it is turned first.
    let turns = a.isTransposed && !isWide && m >= 32 && n * k > 131_072
    let (down, along) = turns ? (k, 1) : a.isTransposed ? (1, a.stride) : (a.stride, 1)
    func block(_ rows: Range<Int>, _ panels: Range<Int>) {
      let own = turns ? Storage(rows.count * k) : nil, to = c + rows.lowerBound * stride
      if let own { ck_transpose(k, rows.count, a.row(rows.lowerBound), a.stride, own.floats, k) }
      let from = own.map { UnsafePointer($0.floats) } ?? a.row(rows.lowerBound)
      withExtendedLifetime(own) {
        for panel in panels {
          let j = panel * Panels.width, width = min(Panels.width, n - j)
          let start = onto.columns(from: j).place(to + j, stride)
          ck_product_onto(
            rows.count, width, k, alpha, from, down, along, b.base + j * k, width, start.base, start.stride,
            to + j, stride)
        }
      }
    }
    cut(m, n, cost: k, width: Panels.width, then: then, block)
  }

  /// Cuts a product with panels of `width` columns into blocks of rows (of panels, where there are few rows) by the shape
  /// alone; a number of C costs `cost` multiply-adds. `then` is called for each block of finished rows.
  static func cut(
    _ m: Int, _ n: Int, cost: Int, width: Int, then: ((Range<Int>) -> Void)?,
    _ block: (_ rows: Range<Int>, _ panels: Range<Int>) -> Void
  ) {
    let panels = 0..<(n + width - 1) / width
    guard m < 32 else {
      // What more than eight blocks keep, 64 rows or a little more, is the most.
      let rows = Self.block(m, work: n * cost)
      return Threads.shared.ranges(m, grain: rows > 72 ? 64 : rows) { rows in
        block(rows, panels)
        then?(rows)
      }
    }
    Threads.shared.ranges(panels.count, grain: max(1, 65_536 / (width * max(cost, 1)))) { block(0..<m, $0) }
    then?(0..<m)
  }

  /// Rows of a block: a power of two of blocks of about 400 000 multiply-adds, as they share out evenly, of at least 16
  /// rows each. More than eight blocks keep 64 rows: each reads all of B, and with 16 rows a LoRA step took 1.12 times as
  /// long at 6 layers of 256, 1.13 times at 12 of 512.
  static func block(_ length: Int, work: Int) -> Int {
    var blocks = 1
    while blocks * 400_000 < length * work, length >= 32 * blocks, blocks < 8 || length > 64 * blocks {
      blocks *= 2
    }
    return (length + blocks * 8 - 1) / (blocks * 8) * 8
  }

  /// Runs a product on the thread that asks: for parts of a task.
  static func one(
    _ m: Int, _ n: Int, _ k: Int, _ a: Matrix, _ b: Matrix, into c: UnsafeMutablePointer<Float>, stride: Int,
    alpha: Float = 1, onto: Onto = .zeros
  ) {
    let isOwn = ownsAll || n <= 16 || k <= 16 || m * n * k < 4096
    // Up to 4 columns of many long rows are the one shape in which OpenBLAS is faster with AVX-512.
    let isLean = isWide && n <= 4 && k >= 96 && !a.isTransposed && m >= 16
    if isOwn && !isLean && !b.isTransposed {
      let (down, along) = a.isTransposed ? (1, a.stride) : (a.stride, 1), start = onto.place(c, stride)
      ck_product_onto(
        m, n, k, alpha, a.base, down, along, b.base, b.stride, start.base, start.stride, c, stride)
      return
    }
    if case .row(let row) = onto { for i in 0..<m { (c + i * stride).update(from: row, count: n) } }
    var beta: Float = 1
    if case .zeros = onto { beta = 0 }
    cblas_sgemm(
      CblasRowMajor, a.isTransposed ? CblasTrans : CblasNoTrans, b.isTransposed ? CblasTrans : CblasNoTrans,
      blasint(m), blasint(n), blasint(k), alpha, a.base, blasint(max(a.stride, 1)), b.base,
      blasint(max(b.stride, 1)), beta, c, blasint(max(stride, 1)))
  }
}
