/// The number format of a tensor in a safetensors file, by the name that the format gives it.
public enum DType: String, Sendable, CaseIterable {
  // In the order of the format's own list (by width); files keep wide ones first.
  case bool = "BOOL"
  case u8 = "U8"
  case i8 = "I8"
  case i16 = "I16"
  case f16 = "F16"
  case bf16 = "BF16"
  case i32 = "I32"
  case f32 = "F32"
  case f64 = "F64"
  case i64 = "I64"

  /// Bytes of one element.
  public var size: Int {
    switch self {
    case .bool, .u8, .i8: return 1
    case .i16, .f16, .bf16: return 2
    case .i32, .f32: return 4
    case .f64, .i64: return 8
    }
  }

  /// The place in the format's list.
  var rank: Int { DType.allCases.firstIndex(of: self) ?? 0 }

  /// The bytes that a tensor of this shape takes, or nil where a size is negative or the product overflows.
  public func byteCount(of shape: [Int]) -> Int? {
    var count = size
    for n in shape {
      let (product, over) = count.multipliedReportingOverflow(by: n)
      if n < 0 || over { return nil }
      count = product
    }
    return count
  }
}
