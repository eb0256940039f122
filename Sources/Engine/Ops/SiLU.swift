import CKernels

extension Tensor {
  /// Sigmoid-weighted linear unit, also called swish: x·σ(x). Elfwing et al. 2017, arXiv:1702.03118.
  public func silu() throws -> Tensor {
    try map(CurveKernel(name: "silu", value: ck_silu, curve: ck_silu_curve))
  }
}
