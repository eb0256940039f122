import CKernels

/// What products with weights that do not train are computed in. Sums are float32 always.
public enum Compute: String, CaseIterable, Sendable {
  /// Both factors as they are.
  case f32
  /// Both factors rounded to bfloat16 first: eight bits of a number remain.
  case bf16
}

/// A matrix B[k, n] rounded to bfloat16 and cut into panels of 32 columns, in which two rows stand side by side, as
/// AVX512_BF16 multiplies them.
///
/// The kernel converts rows of A on the fly. Machines without the instruction run the same panels by float32 arithmetic;
/// results then differ by the order of sums only.
struct HalfPanels {
  /// Columns of a panel; the last one is filled with zeros.
  static let width = 32
  /// Words of 32 bits, two numbers each.
  let storage: Storage
  private var words: UnsafeMutablePointer<UInt32> { storage.base.assumingMemoryBound(to: UInt32.self) }

  /// Panels that were packed before.
  init(_ storage: Storage) { self.storage = storage }

  /// Memory for B[k, n], its contents undefined.
  init(n: Int, k: Int) {
    storage = Storage((n + Self.width - 1) / Self.width * Self.width * ((k + 1) / 2))
  }

  /// Packs op(B).
  init(_ b: Product.Matrix, n: Int, k: Int) {
    self.init(n: n, k: k)
    Threads.shared.ranges((n + Self.width - 1) / Self.width, grain: Self.grain(k)) { part in
      for panel in part {
        let j = panel * Self.width
        fill(panel, b.column(j), b.stride, isTransposed: b.isTransposed, width: min(Self.width, n - j), k: k)
      }
    }
  }

  /// Packs the transposed of a matrix [n, k] whose numbers are packed themselves, unpacking 32 rows at a time.
  init(turning matrix: Storage, offset: Int, n: Int, k: Int) {
    self.init(n: n, k: k)
    Threads.shared.ranges((n + Self.width - 1) / Self.width, grain: 1) { part in
      for panel in part {
        let j = panel * Self.width, width = min(Self.width, n - j)
        matrix.withFloats(offset + j * k, width * k) {
          fill(panel, $0, k, isTransposed: true, width: width, k: k)
        }
      }
    }
  }

  private func fill(
    _ panel: Int, _ b: UnsafePointer<Float>, _ stride: Int, isTransposed: Bool, width: Int, k: Int
  ) {
    let to = words + panel * Self.width * ((k + 1) / 2)
    guard isTransposed else { return ck_bf16_panel(k, width, b, stride, to) }
    let turned = Storage(k * width)
    withExtendedLifetime(turned) {
      ck_transpose(width, k, b, stride, turned.floats, width)
      ck_bf16_panel(k, width, turned.floats, width, to)
    }
  }

  private static func grain(_ k: Int) -> Int { max(1, elementGrain / (width * max(k, 1))) }

  /// C[m, n] = A·B, onto zeros or a row; `then` is called for each block of finished rows, while they are near.
  func multiply(
    _ m: Int, _ n: Int, _ k: Int, _ a: Product.Matrix, into c: UnsafeMutablePointer<Float>, stride: Int,
    onto: Product.Onto = .zeros, then: ((Range<Int>) -> Void)?
  ) {
    if case .itself = onto { preconditionFailure("sums of bfloat16's products begin at 0") }
    func finish(_ rows: Range<Int>) {
      if case .row(let row) = onto {
        for i in rows { ck_add_row(1, n, c + i * stride, row, c + i * stride) }
      }
      then?(rows)
    }
    func block(_ rows: Range<Int>, _ panels: Range<Int>) {
      let scratch = Storage(rows.count * ((k + 1) / 2 + 16)), j = panels.lowerBound * Self.width
      withExtendedLifetime((self.storage, scratch)) {
        ck_bf16_product(
          rows.count, min(n, panels.upperBound * Self.width) - j, k, a.row(rows.lowerBound), a.stride,
          words + j * ((k + 1) / 2), c + rows.lowerBound * stride + j, stride,
          scratch.base.assumingMemoryBound(to: UInt32.self))
      }
    }
    Product.cut(m, n, cost: k / 2, width: Self.width, then: finish, block)
  }
}

extension Storage {
  /// The matrix [rows, columns] at `offset`, or its transposed, as the right factor of a product in bfloat16.
  ///
  /// Of float32 it is made once and kept; of packed numbers it is made for this use alone.
  func halves(offset: Int, rows: Int, columns: Int, turned: Bool) -> Product.Right {
    let (n, k) = turned ? (rows, columns) : (columns, rows)
    func packed(_ matrix: UnsafePointer<Float>) -> HalfPanels {
      HalfPanels(.init(matrix, stride: columns, transposed: turned), n: n, k: k)
    }
    if format == .f32 {
      let form = Form(
        kind: turned ? .turnedHalves : .halves, offset: offset, rows: rows, columns: columns)
      return .halves(HalfPanels(self.form(form) { packed($0).storage }))
    }
    if turned { return .halves(HalfPanels(turning: self, offset: offset, n: n, k: k)) }
    return .halves(withFloats(offset, rows * columns, packed))
  }
}
