import CKernels

extension Tensor {
  /// Sigmoid-weighted linear unit, also called swish: x·σ(x). Elfwing et al. 2017, arXiv:1702.03118.
  public func silu() throws -> Tensor {
    try map(
      ElementwiseKernel(name: "silu") {
        ck_silu($0, $1, $2)
      } back: {
        ck_silu_back($0, $1, $3, $4)
      })
  }
}
