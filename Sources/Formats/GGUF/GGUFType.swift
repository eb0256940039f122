import Engine

/// How a tensor of a GGUF file is written, by the format's number.
public enum GGUFType: Sendable, Equatable {
  /// Plain numbers.
  case plain(Storage.Format)
  /// Blocks with scales.
  case blocks(WeightBlocks)

  /// The types that are read, with the format's numbers and names.
  static let all: [(number: UInt32, name: String, type: GGUFType)] = [
    (0, "F32", .plain(.f32)), (1, "F16", .plain(.f16)), (30, "BF16", .plain(.bf16)),
    (8, "Q8_0", .blocks(.q8_0)),
    (2, "Q4_0", .blocks(.q4_0)), (3, "Q4_1", .blocks(.q4_1)), (12, "Q4_K", .blocks(.q4_K)),
    (14, "Q6_K", .blocks(.q6_K)),
  ]

  /// Names of types that are known and not read.
  static let others: [UInt32: String] = [
    6: "Q5_0", 7: "Q5_1", 9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 13: "Q5_K", 15: "Q8_K", 16: "IQ2_XXS",
    17: "IQ2_XS",
    18: "IQ3_XXS", 19: "IQ1_S", 20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS", 24: "I8", 25: "I16",
    26: "I32",
    27: "I64", 28: "F64", 29: "IQ1_M", 34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4",
  ]

  /// The format's name.
  public var name: String { Self.all.first { $0.type == self }?.name ?? "" }

  /// Bytes of so many numbers; nil where they are not whole blocks.
  func bytes(of count: Int) -> Int? {
    switch self {
    case .plain(let format): return format.bytes(count)
    case .blocks(let form): return form.bytes(of: count)
    }
  }
}
