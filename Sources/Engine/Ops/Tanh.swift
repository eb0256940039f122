import CKernels

extension Tensor {
  /// Hyperbolic tangent, whose slope is 1 − y².
  public func tanh() throws -> Tensor {
    try map(
      ElementwiseKernel(name: "tanh") {
        ck_tanh($0, $1, $2)
      } back: { n, _, y, dy, dx in
        for i in 0..<n { dx[i] = dy[i] * (1 - y[i] * y[i]) }
      })
  }
}
