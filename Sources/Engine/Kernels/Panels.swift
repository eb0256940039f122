import CKernels

/// A matrix B[k, n] cut into panels of two registers' columns, each contiguous: with AVX-512, panel j holds columns
/// 32j ..< 32j + w as [k, w].
///
/// The kernel reads a panel from end to end, so neither the caches' sets nor the page tables stand in its way.
struct Panels {
  /// Columns of a panel; the last one may have fewer.
  static let width = Product.isWide ? 32 : 16
  let storage: Storage
  var base: UnsafePointer<Float> { UnsafePointer(storage.floats) }

  /// How large B must be to be packed where it need not be turned. With AVX2 tiles read 16 columns of B at a time, so that
  /// more of its rows fall into the same sets of the first cache, and packing pays sooner: 512×512×128 runs 1.2 times as
  /// fast, 512×384×128 1.1 times, 512×256×64 as it was.
  private static let least = Product.isWide ? 131_072 : 40_000

  /// Whether a product of m rows gains more from packing than packing costs: B must be larger than what the second
  /// cache serves well and be read often enough; a transposed B is turned on the way, which always pays.
  static func pay(m: Int, n: Int, k: Int, transposed: Bool) -> Bool {
    guard Product.ownsAll && n > 16 else { return false }
    return transposed ? m >= 32 && n * k > 4096 : m >= 128 && n * k > least
  }

  /// Panels that were packed before.
  init(_ storage: Storage) { self.storage = storage }

  /// Packs op(B).
  init(_ b: Product.Matrix, n: Int, k: Int) {
    storage = Storage(n * k)
    let out = storage.floats
    guard b.isTransposed else {
      // By rows of B, so that it is read in order, and mostly by the thread that has made them.
      Threads.shared.ranges(k, grain: max(8, elementGrain / max(n, 1))) { Self.copy($0, n, k, b, out) }
      return
    }
    let panels = (n + Self.width - 1) / Self.width
    Threads.shared.ranges(panels, grain: max(1, elementGrain / (Self.width * max(k, 1)))) { part in
      for panel in part {
        let j = panel * Self.width, width = min(Self.width, n - j)
        ck_transpose(width, k, b.column(j), b.stride, out + j * k, width)
      }
    }
  }

  /// Rows of B, a line of each panel after the other.
  private static func copy(
    _ rows: Range<Int>, _ n: Int, _ k: Int, _ b: Product.Matrix, _ out: UnsafeMutablePointer<Float>
  ) {
    let whole = n / width * width, rest = n - whole
    for p in rows {
      let from = b.base + p * b.stride
      for j in stride(from: 0, to: whole, by: width) {
        let line = UnsafeRawPointer(from + j), into = UnsafeMutableRawPointer(out + j * k + p * width)
        for byte in stride(from: 0, to: width * 4, by: 64) {
          let part = (line + byte).loadUnaligned(as: SIMD16<Float>.self)
          (into + byte).storeBytes(of: part, as: SIMD16<Float>.self)
        }
      }
      if rest > 0 { (out + whole * k + p * rest).update(from: from + whole, count: rest) }
    }
  }
}

extension Storage {
  /// The matrix [rows, columns] at `offset` transposed, as the right factor of a product: x·Wᵀ.
  ///
  /// Of float32 it is made once and kept; of packed numbers it is made for this use alone, since a copy beside them
  /// would undo what packing saves. So it is with large matrices that a training step reads, where many rows pay for it:
  /// weights then stand in memory once. The numbers are the same.
  func turned(offset: Int, rows: Int, columns: Int, isTraining: Bool = false) -> Product.Right {
    let isPanels = Panels.pay(m: .max, n: rows, k: columns, transposed: false)
    let form = Form(
      kind: isPanels ? .turnedPanels : .transposed, offset: offset, rows: rows, columns: columns)
    let isLarge = rows * columns >= 1 << 20
    if format != .f32 || isTraining && isLarge && known(form) == nil {
      let out = turnedNow(offset: offset, rows: rows, columns: columns, isPanels: isPanels)
      return isPanels ? .panels(Panels(out)) : .plain(.init(out.floats, stride: rows), keeper: out)
    }
    if isPanels {
      return .panels(
        Panels(
          self.form(form) { matrix in
            Panels(.init(matrix, stride: columns, transposed: true), n: rows, k: columns).storage
          }))
    }
    let flipped = transposed(offset: offset, rows: rows, columns: columns)
    return .plain(.init(flipped.floats, stride: rows), keeper: flipped)
  }

  /// Turned round panel by panel, so that only one panel at a time is there unpacked as it stood.
  private func turnedNow(offset: Int, rows: Int, columns: Int, isPanels: Bool) -> Storage {
    let out = Storage(rows * columns)
    Threads.shared.ranges(rows, grain: Panels.width) { part in
      withFloats(offset + part.lowerBound * columns, part.count * columns) { panel in
        let to = isPanels ? out.floats + part.lowerBound * columns : out.floats + part.lowerBound
        ck_transpose(part.count, columns, panel, columns, to, isPanels ? part.count : rows)
      }
    }
    return out
  }
}

extension Product {
  /// A right factor made ready for several products: in panels where that pays, else as it stands.
  enum Right {
    case panels(Panels)
    case plain(Matrix, keeper: Storage?)
    /// Rounded to bfloat16: for A as it stands, α = 1, onto zeros or a row.
    case halves(HalfPanels)

    /// Makes op(B) ready for products of m rows; the caller keeps B's memory.
    init(_ b: Matrix, m: Int, n: Int, k: Int) {
      self =
        Panels.pay(m: m, n: n, k: k, transposed: b.isTransposed)
        ? .panels(Panels(b, n: n, k: k)) : .plain(b, keeper: nil)
    }
  }

  /// Runs a product with a factor made ready.
  static func run(
    _ m: Int, _ n: Int, _ k: Int, _ a: Matrix, _ b: Right, into c: UnsafeMutablePointer<Float>, stride: Int,
    alpha: Float = 1, onto: Onto = .zeros, then: ((Range<Int>) -> Void)? = nil
  ) {
    guard m > 0, n > 0 else { return }
    Profile.current?.count(operations: 2 * Double(m) * Double(n) * Double(k))
    switch b {
    case .halves(let halves):
      precondition(alpha == 1 && !a.isTransposed)
      halves.multiply(m, n, k, a, into: c, stride: stride, onto: onto, then: then)
    case .panels(let panels):
      withExtendedLifetime(panels) {
        run(m, n, k, a, panels, into: c, stride: stride, alpha: alpha, onto: onto, then: then)
      }
    case .plain(let matrix, let keeper):
      withExtendedLifetime(keeper) {
        stripes(m, n, k, a, matrix, into: c, stride: stride, alpha: alpha, onto: onto, then: then)
      }
    }
  }
}
