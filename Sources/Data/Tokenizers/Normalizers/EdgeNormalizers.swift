import FileSystem
import Options

/// White space off the ends.
struct StripNormalizer: Normalizer {
  static let type = "Strip"
  private let left, right: Bool

  init(_ part: JSONPlace) throws {
    left = part["strip_left"].flag ?? true
    right = part["strip_right"].flag ?? true
  }

  func normalize(_ text: [UInt8]) -> [UInt8] {
    text.withUnsafeBufferPointer { bytes in
      var start = 0, end = bytes.count
      while left, start < end {
        let (value, length) = UTF8Walk.scalar(bytes, start, end)
        guard LetterClass.isWhite(value) else { break }
        start += length
      }
      while right, end > start {
        let last = UTF8Walk.before(bytes, end, start)
        guard LetterClass.isWhite(UTF8Walk.scalar(bytes, last, end).value) else { break }
        end = last
      }
      return Array(bytes[start..<end])
    }
  }
}

/// A text put before what is not empty.
struct PrependNormalizer: Normalizer {
  static let type = "Prepend"
  private let text: [UInt8]

  init(_ part: JSONPlace) throws {
    guard let text = part["prepend"].text else { throw part["prepend"].failure("a text") }
    self.text = Array(text.utf8)
  }

  func normalize(_ text: [UInt8]) -> [UInt8] { text.isEmpty ? text : self.text + text }
}

/// Matches replaced by a text.
struct ReplaceNormalizer: Normalizer {
  static let type = "Replace"
  private let pattern: TextPattern
  private let content: [UInt8]

  init(_ part: JSONPlace) throws {
    pattern = try TextPattern(part["pattern"])
    guard let text = part["content"].text else { throw part["content"].failure("a text") }
    content = Array(text.utf8)
  }

  func normalize(_ text: [UInt8]) throws -> [UInt8] {
    var out: [UInt8] = [], done = 0
    try text.withUnsafeBufferPointer { bytes in
      try pattern.matches(bytes, 0..<bytes.count) { range in
        out += bytes[done..<range.lowerBound]
        out += content
        done = range.upperBound
      }
      out += bytes[done...]
    }
    return out
  }
}

/// Bytes written as letters before anything is cut.
struct ByteLevelNormalizer: Normalizer {
  static let type = "ByteLevel"
  init(_ part: JSONPlace) {}
  func normalize(_ text: [UInt8]) -> [UInt8] { ByteAlphabet.spelled(text[...]) }
}
