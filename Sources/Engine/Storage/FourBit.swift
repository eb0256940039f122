import CKernels

/// Four bits a number: codes, two a byte, and a scale for each block of so many numbers in a row.
///
///     w ≈ value[code]·scale        scale: the largest magnitude of the block
///
/// Blocks run over the numbers row by row and pay no heed to where rows end; the last one may be shorter.
public struct FourBit: Sendable, Equatable {
  /// How numbers are packed.
  public struct Form: Sendable, Hashable {
    /// The sixteen values.
    public var code: FourBitCode
    /// Numbers that share a scale: a power of two.
    public var block: Int
    /// Whether the scales are quantised too.
    public var double: Bool
    /// Whether products round both factors to bfloat16 first; sums stay float32.
    public var rounds: Bool

    /// NF4 in blocks of 64 with double quantisation, as QLoRA has it; products in float32.
    public init(
      _ code: FourBitCode = .nf4, block: Int = 64, double: Bool = true, rounds: Bool = false
    ) {
      (self.code, self.block, self.double, self.rounds) = (code, block, double, rounds)
    }

    /// Blocks that can be asked for.
    public static let blocks = [8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096]

    /// Throws where a weight of so many numbers cannot be cut into such blocks.
    public func check(_ count: Int) throws {
      guard Self.blocks.contains(block) else {
        throw EngineError.shapes(
          op: "quantize", "blocks of \(block): a power of two from 8 to 4096 is needed")
      }
      guard block <= count else {
        throw EngineError.shapes(op: "quantize", "blocks of \(block) in a weight of \(count) numbers")
      }
    }
  }

  /// How the numbers are packed.
  public let form: Form
  /// A scale for each block.
  public let scales: BlockScales

  /// A form with its scales.
  public init(_ form: Form, _ scales: BlockScales) { (self.form, self.scales) = (form, scales) }

  /// Bits a number takes, scales counted in: 4 + 8/64 + 32/(64·256) = 4.127 for the defaults.
  public func bits(_ count: Int) -> Double {
    8 * Double((count + 1) / 2 + scales.bytes) / Double(max(count, 1))
  }

  /// Unpacks the blocks of `range` (whole ones, but for the last) into `out`.
  func unpack(
    _ codes: UnsafePointer<UInt8>, _ blocks: Range<Int>, _ count: Int, into out: UnsafeMutablePointer<Float>
  ) {
    let block = form.block, scales = scales.values(blocks), first = codes + blocks.lowerBound * block / 2
    form.code.table.pairs.withUnsafeBufferPointer { pairs in
      scales.withUnsafeBufferPointer { scales in
        guard let pairs = pairs.baseAddress, let scales = scales.baseAddress else { return }
        ck_unpack_pairs(count, block, first, pairs, scales, out)
      }
    }
  }
}

extension Tensor {
  /// The same numbers in four bits each, rounded to the nearest value of the code in each block.
  ///
  /// Throws where the block does not fit, or a number is not finite.
  public func packed(as form: FourBit.Form) throws -> Tensor {
    try form.check(count)
    guard isFinite else { throw EngineError.notFinite(op: "quantize", place: "") }
    let codes = Storage.codes(count), out = codes.base.assumingMemoryBound(to: UInt8.self)
    let block = form.block, blocks = (count + block - 1) / block
    var scales = [Float](repeating: 0, count: blocks)
    read { x in
      scales.withUnsafeMutableBufferPointer { scales in
        guard let scales = scales.baseAddress else { return }
        // Whole bytes a chunk, since blocks are even.
        Threads.shared.ranges(blocks, grain: max(1, 16_384 / block)) { part in
          for b in part {
            let n = min(block, count - b * block)
            scales[b] = Self.encode(x + b * block, n, whole: n == block, form.code, out + b * block / 2)
          }
        }
      }
    }
    let all = form.double ? BlockScales(quantising: scales) : BlockScales(scales)
    return Tensor(shape: shape, storage: Storage(count, codes: codes, FourBit(form, all)))
  }

  /// Packs a block and gives its scale. A short last one is divided by the scale, others multiplied by its inverse: so
  /// does bitsandbytes, and so the codes are the same to the bit.
  private static func encode(
    _ x: UnsafePointer<Float>, _ n: Int, whole: Bool, _ code: FourBitCode, _ out: UnsafeMutablePointer<UInt8>
  ) -> Float {
    var most: Float = 0
    for i in 0..<n { most = max(most, abs(x[i])) }
    let table = code.table, floor = max(most, 1e-38), inverse = 1 / floor
    func one(_ i: Int) -> UInt8 {
      guard i < n else { return table.code(0) }
      let scaled = whole ? x[i] * inverse : x[i] / floor
      return table.code(min(max(scaled, -1), 1))
    }
    for i in stride(from: 0, to: n, by: 2) { out[i / 2] = one(i) << 4 | one(i + 1) }
    return most
  }

  /// A packed tensor from its parts: codes two a byte, the first in the upper half.
  ///
  /// Throws where their sizes do not fit each other.
  public init(_ shape: [Int], codes bytes: UnsafeRawBufferPointer, _ packing: FourBit) throws {
    guard let count = Tensor.count(of: shape), count > 0, bytes.count == (count + 1) / 2,
      FourBit.Form.blocks.contains(packing.form.block),
      packing.scales.count == (count + packing.form.block - 1) / packing.form.block,
      !packing.scales.isDouble
        || packing.scales.nested.count == (packing.scales.count + BlockScales.block - 1) / BlockScales.block
    else { throw EngineError.shapes(op: "codes", "codes and scales do not fit the shape \(shape)") }
    let codes = Storage.codes(count)
    if let from = bytes.baseAddress { codes.base.copyMemory(from: from, byteCount: bytes.count) }
    self.init(shape: shape, storage: Storage(count, codes: codes, packing))
  }

  /// How the numbers are packed in four bits; nil: they are not.
  public var packing: FourBit? { storage.packing }

  /// The codes, 0 to 15, in order; nil where the numbers are not packed in four bits.
  public var codes: [UInt8]? {
    guard storage.packing != nil else { return nil }
    return withExtendedLifetime(storage) {
      (offset..<offset + count).map { i in
        let byte = storage.base.load(fromByteOffset: i / 2, as: UInt8.self)
        return i % 2 == 0 ? byte >> 4 : byte & 15
      }
    }
  }

  /// The codes of a whole packed tensor as they lie in memory: two a byte.
  public var codeBytes: [UInt8]? {
    guard storage.packing != nil, offset == 0, count == storage.count else { return nil }
    return withExtendedLifetime(storage) {
      Array(UnsafeRawBufferPointer(start: storage.base, count: (count + 1) / 2))
    }
  }

  /// The same codes and scales, with products that round to bfloat16 or do not; shares the codes.
  public func rounding(_ rounds: Bool) -> Tensor {
    guard let packing = storage.packing, packing.form.rounds != rounds else { return plain }
    var form = packing.form
    form.rounds = rounds
    let twin = Storage(storage.count, codes: storage, FourBit(form, packing.scales))
    return Tensor(shape: shape, storage: twin, offset: offset)
  }

  /// Rounded to bfloat16 and back, where `isWanted`.
  func rounded(_ isWanted: Bool) -> Tensor {
    guard isWanted else { return self }
    return Tensor.make(shape) { y in
      read { x in
        Threads.shared.ranges(count, grain: elementGrain) {
          ck_round_to_bf16($0.count, x + $0.lowerBound, y + $0.lowerBound)
        }
      }
    }
  }
}
