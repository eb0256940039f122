import CKernels

extension Tensor {
  /// Gaussian error linear unit in the tanh form that GPT-2 uses. Hendrycks & Gimpel 2016, arXiv:1606.08415.
  ///
  ///     y = ½x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))
  public func geluTanh() throws -> Tensor {
    try map(
      ElementwiseKernel(name: "geluTanh") {
        ck_gelu_tanh($0, $1, $2)
      } back: {
        ck_gelu_tanh_back($0, $1, $3, $4)
      })
  }

  /// Gaussian error linear unit in its exact form.
  ///
  ///     y = ½x·(1 + erf(x/√2))
  public func gelu() throws -> Tensor {
    try map(
      ElementwiseKernel(name: "gelu") {
        ck_gelu_erf($0, $1, $2)
      } back: {
        ck_gelu_erf_back($0, $1, $3, $4)
      })
  }
}
