extension Tensor {
  /// Where in its memory the numbers begin, in numbers.
  public var start: Int { offset }

  /// Lends the numbers' bytes, row by row in the machine's order, as they stand when written as `format`.
  public func withBytes<R>(
    as format: Storage.Format, _ body: (UnsafeRawBufferPointer) throws -> R
  ) rethrows -> R {
    let x = packed(as: format)
    return try withExtendedLifetime(x.storage) {
      let start = x.storage.base + x.offset * format.size
      return try body(UnsafeRawBufferPointer(start: start, count: count * format.size))
    }
  }
}
