import CKernels

/// Products of a few rows with a packed matrix, x·Wᵀ: the token that is being made, against all weights.
///
///     y[r, o] = Σ x[r, i]·W[o, i]
///
/// Each number of W is read once and used once, so memory sets the time. W therefore stays as it is kept: bfloat16 is
/// read directly, and rows in four bits or in half precision are unpacked a few at a time into the nearest cache. Of
/// float32 there are turned panels already (`Storage.turned`), which are as fast.
enum FewRows {
  /// The most rows; from more on, panels that are read by all rows win.
  static let most = 4
  /// Multiply-adds of a chunk: the same chunks whatever the number of threads, so that bits agree.
  private static let grain = 1 << 16
  /// Numbers that are unpacked at a time: a first cache's worth.
  private static let nearest = 1 << 13

  /// Whether a product is done this way: by its rows and how W is kept, never by what was done before.
  static func pay(rows: Int, _ format: Storage.Format) -> Bool { rows <= most && format != .f32 }

  /// y = x·Wᵀ for W [out, in] that begins at `offset` of `weights`; `rounded`: W to bfloat16 first.
  static func run(
    _ rows: Int, _ x: UnsafePointer<Float>, _ weights: Storage, offset: Int, out: Int, in width: Int,
    rounded: Bool, into y: UnsafeMutablePointer<Float>
  ) {
    guard width > 0, out > 0 else { return }
    Profile.current?.count(operations: 2 * Double(rows) * Double(out) * Double(width))
    let fours = (out + 3) / 4, block = weights.packing?.form.block ?? 1
    Threads.shared.ranges(fours, grain: max(1, grain / (4 * width))) { part in
      withExtendedLifetime(weights) {
        let first = part.lowerBound * 4, end = min(out, part.upperBound * 4)
        if weights.format == .bf16 {
          return ck_dots_bf16(
            rows, end - first, width, x, weights.halves + offset + first * width, y + first, out)
        }
        let span = max(4, nearest / width / 4 * 4), room = Storage(span * width + 2 * block)
        for o in stride(from: first, to: end, by: span) {
          let from = offset + o * width, ahead = from % block, count = min(span, end - o)
          weights.unpack(from - ahead, ahead + count * width, into: room.floats)
          let numbers = room.floats + ahead
          if rounded { ck_round_to_bf16(count * width, numbers, numbers) }
          ck_dots(rows, count, width, x, numbers, y + o, out)
        }
      }
    }
  }
}
