import CKernels

/// An elementwise function as a type: its value and its slope, and nothing else.
///
/// A type with static functions compiles to one tight loop; stored closures would be seven times slower.
protocol Elementwise {
  static var name: String { get }
  static func value(_ x: Float) -> Float
  /// dy/dx, from x and the value y.
  static func slope(_ x: Float, _ y: Float) -> Float
}

/// Numbers that a thread takes at a time in elementwise loops.
let elementGrain = 16_384

/// An elementwise function whose loop is a vector kernel; `back` writes dx from x, y and dy.
struct ElementwiseKernel {
  let name: String
  let forward: (_ n: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>) -> Void
  let back:
    (
      _ n: Int, _ x: UnsafePointer<Float>, _ y: UnsafePointer<Float>, _ dy: UnsafePointer<Float>,
      _ dx: UnsafeMutablePointer<Float>
    ) -> Void
}

/// An elementwise function that can write its slope beside its value: what is dear is computed once, and the way back
/// is one multiplication.
struct CurveKernel {
  let name: String
  let value: (_ n: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>) -> Void
  let curve:
    (
      _ n: Int, _ x: UnsafePointer<Float>, _ y: UnsafeMutablePointer<Float>,
      _ slope: UnsafeMutablePointer<Float>
    ) -> Void
}

extension Tensor {
  /// y = F(x), number by number.
  func map<F: Elementwise>(_: F.Type) throws -> Tensor {
    try map(
      ElementwiseKernel(name: F.name) { n, x, y in
        for i in 0..<n { y[i] = F.value(x[i]) }
      } back: { n, x, y, dy, dx in
        for i in 0..<n { dx[i] = dy[i] * F.slope(x[i], y[i]) }
      })
  }

  /// y = kernel(x), number by number.
  func map(_ kernel: ElementwiseKernel) throws -> Tensor {
    let x = plain, n = count
    let y = Tensor.make(shape) { out in
      x.read { x in
        Threads.shared.ranges(n, grain: elementGrain) { part in
          kernel.forward(part.count, x + part.lowerBound, out + part.lowerBound)
        }
      }
    }
    return try y.recorded(kernel.name, from: [self]) { dy in
      let dx = Tensor.make(y.shape) { dx in
        x.read { x in
          y.read { y in
            dy.read { dy in
              Threads.shared.ranges(n, grain: elementGrain) { part in
                let i = part.lowerBound
                kernel.back(part.count, x + i, y + i, dy + i, dx + i)
              }
            }
          }
        }
      }
      return [dx]
    }
  }

  /// y = kernel(x), number by number; where a gradient may be asked for, the slope is kept instead of x.
  func map(_ kernel: CurveKernel) throws -> Tensor {
    let x = plain, n = count
    guard isTracked else {
      let y = Tensor.make(shape) { out in
        x.read { x in
          Threads.shared.ranges(n, grain: elementGrain) { part in
            kernel.value(part.count, x + part.lowerBound, out + part.lowerBound)
          }
        }
      }
      Profile.current?.lap(kernel.name)
      return y
    }
    let slope = Storage(n)
    let y = Tensor.make(shape) { out in
      x.read { x in
        Threads.shared.ranges(n, grain: elementGrain) { part in
          let i = part.lowerBound
          kernel.curve(part.count, x + i, out + i, slope.floats + i)
        }
      }
    }
    return try y.recorded(kernel.name, from: [self]) { [shape] dy in
      let dx = Tensor.make(shape) { dx in
        dy.read { dy in
          Threads.shared.ranges(n, grain: elementGrain) { part in
            let i = part.lowerBound
            ck_multiply(part.count, slope.floats + i, dy + i, dx + i)
          }
        }
      }
      return [dx]
    }
  }
}
