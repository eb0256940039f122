import CKernels

/// A matrix B[k, n] cut into panels of 32 columns, each contiguous: panel j holds columns 32j ..< 32j + w as [k, w].
///
/// The kernel reads a panel from end to end, so neither the caches' sets nor the page tables stand in its way.
struct Panels {
  /// Columns of a panel; the last one may have fewer.
  static let width = 32
  let storage: Storage
  var base: UnsafePointer<Float> { UnsafePointer(storage.floats) }

  /// Whether packing gains more than it costs: B must be larger than what the second cache serves well, or turned.
  static func pay(n: Int, k: Int, transposed: Bool) -> Bool { n * k > (transposed ? 4096 : 65_536) && n > 16 }

  /// Panels that were packed before.
  init(_ storage: Storage) { self.storage = storage }

  /// Packs op(B).
  init(_ b: Product.Matrix, n: Int, k: Int) {
    storage = Storage(n * k)
    let out = storage.floats
    let panels = (n + Self.width - 1) / Self.width
    Threads.shared.ranges(panels, grain: max(1, elementGrain / (Self.width * max(k, 1)))) { part in
      for panel in part {
        let j = panel * Self.width, width = min(Self.width, n - j), to = out + j * k
        if b.isTransposed {
          ck_transpose(width, k, b.column(j), b.stride, to, width)
        } else {
          Self.copy(k, width, b.column(j), b.stride, to)
        }
      }
    }
  }

  private static func copy(
    _ k: Int, _ columns: Int, _ b: UnsafePointer<Float>, _ stride: Int, _ to: UnsafeMutablePointer<Float>
  ) {
    guard columns == width else {
      for p in 0..<k { (to + p * columns).update(from: b + p * stride, count: columns) }
      return
    }
    for p in 0..<k {
      let from = UnsafeRawPointer(b + p * stride), into = UnsafeMutableRawPointer(to + p * width)
      let low = from.loadUnaligned(as: SIMD16<Float>.self)
      let high = (from + 64).loadUnaligned(as: SIMD16<Float>.self)
      into.storeBytes(of: low, as: SIMD16<Float>.self)
      (into + 64).storeBytes(of: high, as: SIMD16<Float>.self)
    }
  }
}

extension Storage {
  /// The matrix [rows, columns] at `offset` transposed, as the right factor of a product: x·Wᵀ. Made once and kept.
  func turned(offset: Int, rows: Int, columns: Int) -> Turned {
    if Product.ownsAll && Panels.pay(n: rows, k: columns, transposed: false) {
      let form = Form(kind: .turnedPanels, offset: offset, rows: rows, columns: columns)
      return .panels(Panels(self.form(form) { matrix in
        Panels(.init(matrix, stride: columns, transposed: true), n: rows, k: columns).storage
      }))
    }
    return .plain(transposed(offset: offset, rows: rows, columns: columns))
  }
}

/// A kept Wᵀ: in panels where that pays, else row by row.
enum Turned {
  case panels(Panels)
  case plain(Storage)
}

extension Product {
  /// Runs a product with a kept Wᵀ as B.
  static func run(
    _ m: Int, _ n: Int, _ k: Int, _ a: Matrix, _ b: Turned, into c: UnsafeMutablePointer<Float>, stride: Int,
    then: ((Range<Int>) -> Void)? = nil
  ) {
    guard m > 0, n > 0 else { return }
    switch b {
    case .panels(let panels): run(m, n, k, a, panels, into: c, stride: stride, then: then)
    case .plain(let storage):
      withExtendedLifetime(storage) {
        run(m, n, k, a, Matrix(storage.floats, stride: n), into: c, stride: stride, then: then)
      }
    }
  }
}
