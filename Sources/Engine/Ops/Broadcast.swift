import CKernels

/// How the shapes of two operands meet: trailing axes are aligned, and an axis of size 1 is repeated.
struct Broadcast {
  let shape: [Int]
  let left: [Int]  // strides by axis of `shape`, 0 where repeated
  let right: [Int]

  init(_ op: String, _ a: [Int], _ b: [Int]) throws {
    let rank = max(a.count, b.count)
    var shape = [Int](repeating: 1, count: rank)
    let a = Array(repeating: 1, count: rank - a.count) + a
    let b = Array(repeating: 1, count: rank - b.count) + b
    for i in 0..<rank {
      guard a[i] == b[i] || a[i] == 1 || b[i] == 1 else {
        throw EngineError.shapes(op: op, "shapes \(a) and \(b) do not meet: axis \(i) is \(a[i]) and \(b[i])")
      }
      shape[i] = a[i] == 1 ? b[i] : a[i]
    }
    guard Tensor.count(of: shape) != nil else { throw EngineError.shapes(op: op, "\(shape) is too large") }
    self.shape = shape
    left = Self.strides(a, in: shape)
    right = Self.strides(b, in: shape)
  }

  static func strides(_ own: [Int], in shape: [Int]) -> [Int] {
    var strides = [Int](repeating: 0, count: own.count), size = 1
    for i in own.indices.reversed() {
      strides[i] = own[i] == 1 && shape[i] != 1 ? 0 : size
      size *= own[i]
    }
    return strides
  }

  /// Calls body(first output index, length, left index, left step, right index, right step) for each innermost run.
  func runs(_ body: (Int, Int, Int, Int, Int, Int) -> Void) {
    let n = shape.last ?? 1
    guard !shape.contains(0) else { return }
    let outer = shape.dropLast().reduce(1, *)
    var index = [Int](repeating: 0, count: shape.count), l = 0, r = 0
    for run in 0..<outer {
      body(run * n, n, l, left.last ?? 0, r, right.last ?? 0)
      var axis = shape.count - 2
      while axis >= 0 {
        index[axis] += 1
        l += left[axis]
        r += right[axis]
        if index[axis] < shape[axis] { break }
        l -= left[axis] * shape[axis]
        r -= right[axis] * shape[axis]
        index[axis] = 0
        axis -= 1
      }
    }
  }
}

/// An operation on two numbers: its value, and its slopes with respect to both.
protocol Pairwise {
  static var name: String { get }
  static func value(_ a: Float, _ b: Float) -> Float
  static func slopes(_ a: Float, _ b: Float, _ y: Float) -> (Float, Float)
}

extension Tensor {
  /// y = F(a, b), number by number, shapes broadcast.
  func zip<F: Pairwise>(_: F.Type, _ other: Tensor) throws -> Tensor {
    let a = plain, b = other.plain
    let meeting = try Broadcast(F.name, a.shape, b.shape)
    let y = Tensor.make(meeting.shape) { y in
      a.read { a in
        b.read { b in
          meeting.runs { at, n, l, ls, r, rs in
            let y = y + at, a = a + l, b = b + r
            switch (ls, rs) {
            case (1, 1): for i in 0..<n { y[i] = F.value(a[i], b[i]) }
            case (1, 0): for i in 0..<n { y[i] = F.value(a[i], b[0]) }
            case (0, 1): for i in 0..<n { y[i] = F.value(a[0], b[i]) }
            default: for i in 0..<n { y[i] = F.value(a[i * ls], b[i * rs]) }
            }
          }
        }
      }
    }
    let (needsA, needsB) = (isTracked, other.isTracked)
    return try y.recorded(F.name, from: [self, other]) { dy in
      let da = Tensor.zeros(needsA ? a.shape : [0]), db = Tensor.zeros(needsB ? b.shape : [0])
      a.read { a in
        b.read { b in
          y.read { y in
            dy.read { dy in
              let da = needsA ? da.storage.floats : nil, db = needsB ? db.storage.floats : nil
              meeting.runs { at, n, l, ls, r, rs in
                for i in 0..<n {
                  let (sa, sb) = F.slopes(a[l + i * ls], b[r + i * rs], y[at + i])
                  if let da { da[l + i * ls] += dy[at + i] * sa }
                  if let db { db[r + i * rs] += dy[at + i] * sb }
                }
              }
            }
          }
        }
      }
      return [needsA ? da : nil, needsB ? db : nil]
    }
  }
}
