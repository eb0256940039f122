extension Tensor {
  /// Where in its memory the numbers begin, in numbers.
  public var start: Int { offset }

  /// Lends the numbers' bytes, row by row in the machine's order, as they stand when written as `format`; numbers in
  /// four bits come as float32, their codes as `codeBytes`.
  public func withBytes<R>(
    as format: Storage.Format, _ body: (UnsafeRawBufferPointer) throws -> R
  ) rethrows -> R {
    let format = format == .fourBit ? .f32 : format, x = packed(as: format)
    return try withExtendedLifetime(x.storage) {
      let start = x.storage.base + format.bytes(x.offset)
      return try body(UnsafeRawBufferPointer(start: start, count: format.bytes(count)))
    }
  }
}
