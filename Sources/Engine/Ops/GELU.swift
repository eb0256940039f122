import CKernels

extension Tensor {
  /// Gaussian error linear unit in the tanh form that GPT-2 uses. Hendrycks & Gimpel 2016, arXiv:1606.08415.
  ///
  ///     y = ½x·(1 + tanh(√(2/π)·(x + 0.044715·x³)))
  public func geluTanh() throws -> Tensor {
    try map(CurveKernel(name: "geluTanh", value: ck_gelu_tanh, curve: ck_gelu_tanh_curve))
  }

  /// Gaussian error linear unit in its exact form.
  ///
  ///     y = ½x·(1 + erf(x/√2))
  public func gelu() throws -> Tensor {
    try map(CurveKernel(name: "gelu", value: ck_gelu_erf, curve: ck_gelu_erf_curve))
  }
}
