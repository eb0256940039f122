import FileSystem
import Options

/// What `Split` and `Replace` look for: a text as it stands, or an expression.
enum TextPattern: Sendable {
  case text([UInt8])
  case expression(ScalarPattern)

  /// Reads `{"String": …}` or `{"Regex": …}`, or a plain text.
  init(_ part: JSONPlace) throws {
    if let text = part["Regex"].text {
      self = .expression(try ScalarPattern(text))
    } else if let text = part["String"].text ?? part.text {
      self = .text(Array(text.utf8))
    } else {
      throw part.failure("a text under String or Regex")
    }
  }

  /// All matches in a piece, in order, none over another; matches of nothing are left out.
  func matches(
    _ bytes: UnsafeBufferPointer<UInt8>, _ piece: Range<Int>, _ found: (Range<Int>) -> Void
  ) throws {
    var i = piece.lowerBound
    switch self {
    case .text(let text):
      guard let first = text.first else { return }
      while i + text.count <= piece.upperBound {
        if bytes[i] == first, bytes[i..<i + text.count].elementsEqual(text) {
          found(i..<i + text.count)
          i += text.count
        } else {
          i += 1
        }
      }
    case .expression(let pattern):
      while i < piece.upperBound, let range = try pattern.first(in: bytes, piece, from: i) {
        if range.isEmpty {
          guard range.upperBound < piece.upperBound else { return }
          i = range.upperBound + UTF8Walk.scalar(bytes, range.upperBound, piece.upperBound).length
        } else {
          found(range)
          i = range.upperBound
        }
      }
    }
  }
}
