import CKernels

/// Weights in blocks with scales of their own, as GGUF files hold them.
public enum WeightBlocks: Sendable, CaseIterable {
  case q4_0, q4_1, q8_0, q4_K, q6_K

  /// Numbers of a block.
  public var count: Int { self == .q4_K || self == .q6_K ? 256 : 32 }

  /// Bytes of a block.
  public var bytes: Int {
    switch self {
    case .q4_0: return 18
    case .q4_1: return 20
    case .q8_0: return 34
    case .q4_K: return 144
    case .q6_K: return 210
    }
  }

  /// Bytes of so many numbers; nil where they are not whole blocks or too many.
  public func bytes(of numbers: Int) -> Int? {
    guard numbers >= 0, numbers % count == 0 else { return nil }
    let (bytes, isTooLarge) = (numbers / count).multipliedReportingOverflow(by: bytes)
    return isTooLarge ? nil : bytes
  }

  /// Unpacks one block.
  ///
  ///     q4_0  d·(q − 8)      q4_1  d·q + m      q8_0  d·q
  ///     q4_K  d·s·q − dmin·m, scales and minima of 32 numbers in six bits
  ///     q6_K  d·s·(q − 32), scales of 16 numbers in eight bits
  fileprivate func unpack(_ block: UnsafeRawPointer, _ y: UnsafeMutablePointer<Float>) {
    let bytes = block.assumingMemoryBound(to: UInt8.self)
    switch self {
    case .q4_0:
      let d = Self.half(block, 0)
      for i in 0..<16 {
        y[i] = d * Float(Int(bytes[2 + i] & 15) - 8)
        y[i + 16] = d * Float(Int(bytes[2 + i] >> 4) - 8)
      }
    case .q4_1:
      let d = Self.half(block, 0), m = Self.half(block, 2)
      for i in 0..<16 {
        y[i] = d * Float(bytes[4 + i] & 15) + m
        y[i + 16] = d * Float(bytes[4 + i] >> 4) + m
      }
    case .q8_0:
      let d = Self.half(block, 0)
      for i in 0..<32 { y[i] = d * Float(Int8(bitPattern: bytes[2 + i])) }
    case .q4_K: Self.unpack4(block, bytes, y)
    case .q6_K: Self.unpack6(block, bytes, y)
    }
  }

  private static func half(_ block: UnsafeRawPointer, _ offset: Int) -> Float {
    var bits = UInt16(littleEndian: block.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    var value: Float = 0
    ck_f16_to_f32(1, &bits, &value)
    return value
  }

  private static func unpack4(
    _ block: UnsafeRawPointer, _ bytes: UnsafePointer<UInt8>, _ y: UnsafeMutablePointer<Float>
  ) {
    let d = half(block, 0), least = half(block, 2), scales = bytes + 4, codes = bytes + 16
    func scale(_ j: Int) -> (scale: Float, least: Float) {
      if j < 4 { return (Float(scales[j] & 63), Float(scales[j + 4] & 63)) }
      return (
        Float(scales[j + 4] & 15 | (scales[j - 4] >> 6) << 4),
        Float(scales[j + 4] >> 4 | (scales[j] >> 6) << 4)
      )
    }
    for half in 0..<4 {
      let (s1, m1) = scale(2 * half), (s2, m2) = scale(2 * half + 1)
      let d1 = d * s1, b1 = least * m1, d2 = d * s2, b2 = least * m2
      for i in 0..<32 {
        let code = codes[32 * half + i]
        y[64 * half + i] = d1 * Float(code & 15) - b1
        y[64 * half + 32 + i] = d2 * Float(code >> 4) - b2
      }
    }
  }

  private static func unpack6(
    _ block: UnsafeRawPointer, _ bytes: UnsafePointer<UInt8>, _ y: UnsafeMutablePointer<Float>
  ) {
    let d = half(block, 208)
    for part in 0..<2 {
      let low = bytes + 64 * part, high = bytes + 128 + 32 * part, scales = bytes + 192 + 8 * part
      let out = y + 128 * part
      for i in 0..<32 {
        let h = high[i]
        let codes = (
          low[i] & 15 | (h & 3) << 4, low[i + 32] & 15 | (h >> 2 & 3) << 4, low[i] >> 4 | (h >> 4 & 3) << 4,
          low[i + 32] >> 4 | (h >> 6) << 4
        )
        func value(_ code: UInt8, _ k: Int) -> Float {
          d * Float(Int8(bitPattern: scales[i / 16 + 2 * k])) * Float(Int(code) - 32)
        }
        out[i] = value(codes.0, 0)
        out[i + 32] = value(codes.1, 1)
        out[i + 64] = value(codes.2, 2)
        out[i + 96] = value(codes.3, 3)
      }
    }
  }
}

extension Tensor {
  /// A tensor unpacked from blocks; throws where the bytes do not fit the shape.
  public init(_ shape: [Int], blocks bytes: UnsafeRawBufferPointer, _ form: WeightBlocks) throws {
    guard let count = Tensor.count(of: shape), form.bytes(of: count) == bytes.count else {
      throw EngineError.shapes(op: "blocks", "\(bytes.count) bytes do not fit the shape \(shape)")
    }
    self = Tensor.make(shape) { y in
      guard let from = bytes.baseAddress else { return }
      Threads.shared.ranges(count / form.count, grain: max(1, 16_384 / form.count)) { part in
        for b in part { form.unpack(from + b * form.bytes, y + b * form.count) }
      }
    }
  }
}
