extension Tensor {
  /// x brought into a range; its slope is 1 inside and on the edges, 0 outside, as PyTorch has it.
  public func clamped(to range: ClosedRange<Float>) throws -> Tensor {
    let (low, high) = (range.lowerBound, range.upperBound)
    return try map(
      ElementwiseKernel(name: "clamp") { n, x, y in
        for i in 0..<n { y[i] = min(max(x[i], low), high) }
      } back: { n, x, _, dy, dx in
        for i in 0..<n { dx[i] = x[i] >= low && x[i] <= high ? dy[i] : 0 }
      })
  }
}
