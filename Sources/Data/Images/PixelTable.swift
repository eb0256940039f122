import Options

/// LabelledPictures as comma-separated numbers: a picture a line, its pixels row by row (0 to 255), its class last.
public enum PixelTable {
  /// Reads square pictures; a first line of words is left out. Throws with the line where something else stands.
  public static func read(_ bytes: [UInt8], labels: [String]? = nil, name: String) throws -> LabelledPictures
  {
    var pixels: [UInt8] = [], choices: [Int] = [], row: [Int] = []
    var line = 1, at = 0, size = 0
    func fail(_ message: String) -> Failure {
      Failure(
        "\(name): line \(line) \(message).",
        cure: "A line is the pixels of a square picture, each 0 to 255, and the class, with commas between.")
    }
    while at < bytes.count {
      let isHeading = line == 1 && letter(bytes[at])
      at = isHeading ? end(bytes, at) : try numbers(bytes, at, into: &row, fail)
      defer { line += 1 }
      if isHeading || row.isEmpty { continue }
      if size == 0 { size = try side(row.count - 1, fail) }
      guard row.count == size * size + 1 else {
        throw fail("has \(row.count) numbers, not \(size * size + 1)")
      }
      choices.append(row.removeLast())
      for pixel in row { pixels.append(UInt8(truncatingIfNeeded: pixel)) }
    }
    guard let last = choices.max() else { throw Failure("\(name) holds no pictures.") }
    let words = labels ?? (0...last).map(String.init)
    return try LabelledPictures(
      height: size, width: size, labels: words, choices: choices, pixels: pixels, name: name)
  }

  private static func letter(_ byte: UInt8) -> Bool { (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A }

  private static func end(_ bytes: [UInt8], _ start: Int) -> Int {
    (bytes[start...].firstIndex(of: 0x0A) ?? bytes.count - 1) + 1
  }

  private static func side(_ count: Int, _ fail: (String) -> Failure) throws -> Int {
    guard let side = (1...1024).first(where: { $0 * $0 >= count }), side * side == count else {
      throw fail("has \(count) pixels, which make no square")
    }
    return side
  }

  /// The numbers of a line, from its start; gives the start of the next.
  private static func numbers(
    _ bytes: [UInt8], _ start: Int, into row: inout [Int], _ fail: (String) -> Failure
  ) throws -> Int {
    row.removeAll(keepingCapacity: true)
    var at = start, number = -1
    func close() throws {
      guard (0...255).contains(number) else { throw fail("holds something that is no number from 0 to 255") }
      row.append(number)
      number = -1
    }
    while at < bytes.count {
      let byte = bytes[at]
      at += 1
      switch byte {
      case 0x30...0x39: number = min(1000, max(0, number) * 10 + Int(byte - 0x30))
      case 0x2C: try close()
      case 0x0D where at == bytes.count || bytes[at] == 0x0A: continue
      case 0x0A:
        if !row.isEmpty || number >= 0 { try close() }
        return at
      default: throw fail("holds something that is no number from 0 to 255")
      }
    }
    if !row.isEmpty || number >= 0 { try close() }
    return at
  }
}
