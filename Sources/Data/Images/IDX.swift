import Options

/// The file format of MNIST: two zero bytes, a type, the number of axes; each axis as a big-endian 32-bit number; then
/// the numbers, the last axis fastest. Only bytes without sign (type 8) are read.
public struct IDX: Sendable, Equatable {
  /// Sizes by axis.
  public let shape: [Int]
  /// The numbers.
  public let bytes: [UInt8]

  /// An array from its parts, which must fit.
  init(shape: [Int], bytes: [UInt8]) { (self.shape, self.bytes) = (shape, bytes) }

  /// Reads a file's contents; throws with the reason where they are not a whole file of this format.
  public init(_ file: [UInt8], name: String) throws {
    func fail(_ message: String) -> Failure {
      Failure("\(name) is no whole IDX file: \(message).", cure: "Fetch it again, and gunzip it.")
    }
    if file.starts(with: [0x1F, 0x8B]) {
      throw Failure("\(name) is compressed.", cure: "Type in a shell: gzip -d \(name)")
    }
    guard file.count >= 4, file[0] == 0, file[1] == 0 else { throw fail("it does not begin with two zeros") }
    guard file[2] == 8 else { throw fail("its type is \(file[2]), and only bytes (8) are read") }
    let axes = Int(file[3])
    guard (1...3).contains(axes) else { throw fail("it has \(axes) axes instead of 1 to 3") }
    guard file.count >= 4 + 4 * axes else { throw fail("it ends within its head") }
    shape = (0..<axes).map { axis in file[4 + 4 * axis..<8 + 4 * axis].reduce(0) { $0 << 8 | Int($1) } }
    var count = 1
    for size in shape {
      let (product, isTooLarge) = count.multipliedReportingOverflow(by: size)
      guard !isTooLarge, product <= 1 << 31 else { throw fail("its head speaks of too many numbers") }
      count = product
    }
    let start = 4 + 4 * axes
    guard file.count - start == count else {
      let sizes = shape.map(String.init).joined(separator: "×")
      throw fail("its head speaks of \(sizes) bytes, and \(file.count - start) follow")
    }
    bytes = Array(file[start...])
  }

  /// The contents of a file.
  var file: [UInt8] {
    var head: [UInt8] = [0, 0, 8, UInt8(shape.count)]
    for size in shape {
      for shift in [24, 16, 8, 0] { head.append(UInt8(truncatingIfNeeded: size >> shift)) }
    }
    return head + bytes
  }
}

extension LabelledPictures {
  /// LabelledPictures from a file of images, [pictures, rows, columns], and one of labels, [pictures].
  public init(images: IDX, labels: IDX, words: [String], name: String) throws {
    guard images.shape.count == 3, labels.shape.count == 1 else {
      throw Failure(
        "\(name): images need 3 axes and labels 1; they have \(images.shape.count) and \(labels.shape.count).",
        cure: "Images first, then labels.")
    }
    try self.init(
      height: images.shape[1], width: images.shape[2], labels: words, choices: labels.bytes.map { Int($0) },
      pixels: images.bytes, name: name)
  }
}
