import CKernels

extension Tensor {
  /// eˣ, which is its own slope.
  public func exp() throws -> Tensor {
    try map(
      ElementwiseKernel(name: "exp") {
        ck_exp($0, $1, $2)
      } back: { n, _, y, dy, dx in
        for i in 0..<n { dx[i] = dy[i] * y[i] }
      })
  }

  /// Natural logarithm of positive numbers, whose slope is 1/x.
  public func log() throws -> Tensor {
    try map(
      ElementwiseKernel(name: "log") {
        ck_log($0, $1, $2)
      } back: { n, x, _, dy, dx in
        for i in 0..<n { dx[i] = dy[i] / x[i] }
      })
  }
}
