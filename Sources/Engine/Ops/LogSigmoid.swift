#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Tensor {
  /// log σ(x) = min(x, 0) − log(1 + e^−|x|), exact where σ itself is 0 in float32; its slope is σ(−x).
  public func logSigmoid() throws -> Tensor {
    try map(
      ElementwiseKernel(name: "logSigmoid") { n, x, y in
        for i in 0..<n { y[i] = min(x[i], 0) - log1pf(expf(-abs(x[i]))) }
      } back: { n, x, _, dy, dx in
        for i in 0..<n { dx[i] = dy[i] * (x[i] > 0 ? expf(-x[i]) / (1 + expf(-x[i])) : 1 / (1 + expf(x[i]))) }
      })
  }
}
