import CKernels

extension Tensor {
  /// σ(x) = 1/(1 + e⁻ˣ), whose slope is y·(1 − y).
  public func sigmoid() throws -> Tensor {
    try map(
      ElementwiseKernel(name: "sigmoid") {
        ck_sigmoid($0, $1, $2)
      } back: { n, _, y, dy, dx in
        for i in 0..<n { dx[i] = dy[i] * y[i] * (1 - y[i]) }
      })
  }
}
