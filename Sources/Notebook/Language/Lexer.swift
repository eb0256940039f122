import Options

/// Reads the smallest parts of a text: spaces, words, names, numbers, strings.
///
/// It works on UTF-8 bytes: positions are offsets, nothing is copied until a part is known to be wanted.
struct Lexer {
  /// The text, and one 0 after it, so that looking one byte ahead needs no test.
  let bytes: [UInt8]
  /// How many bytes the text has.
  let end: Int
  /// Where reading stands.
  var position = 0

  init(_ text: String) {
    var bytes = Array(text.utf8)
    end = bytes.count
    bytes.append(0)
    self.bytes = bytes
  }

  /// The byte at the position; 0 at the end.
  var current: UInt8 { bytes[position] }
  var atEnd: Bool { position >= end }

  func byte(_ i: Int) -> UInt8 { i < end ? bytes[i] : 0 }

  func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }

  // MARK: Blanks

  /// How many bytes a blank at `i` takes: 0 if there is none. Full-width and no-break spaces, which input
  /// methods and web pages bring, count as blanks; so does a byte-order mark.
  func space(at i: Int) -> Int {
    switch bytes[i] {
    case 0x20, 0x09, 0x0D, 0x0B, 0x0C: return 1
    case 0xC2: return byte(i + 1) == 0xA0 ? 2 : 0
    case 0xE3: return byte(i + 1) == 0x80 && byte(i + 2) == 0x80 ? 3 : 0
    case 0xEF: return byte(i + 1) == 0xBB && byte(i + 2) == 0xBF ? 3 : 0
    default: return 0
    }
  }

  /// The length of what separates words at `i`: a blank, or a backslash that continues the line.
  func blank(at i: Int) -> Int { bytes[i] == 0x5C ? continuation(at: i) : space(at: i) }

  /// The length of a backslash that continues the line, with the blanks and the line end after it; else 0.
  func continuation(at i: Int) -> Int {
    guard bytes[i] == 0x5C else { return 0 }
    var j = i + 1
    while bytes[j] == 0x20 || bytes[j] == 0x09 || bytes[j] == 0x0D { j += 1 }
    if j >= end { return end - i }
    return bytes[j] == 0x0A ? j + 1 - i : 0
  }

  /// Goes over blanks; over line ends and comments too where `lines` says so.
  mutating func skipBlanks(lines: Bool = false) {
    while position < end {
      let length = blank(at: position)
      if length > 0 {
        position += length
      } else if lines, current == 0x0A {
        position += 1
      } else if lines, current == 0x23 {
        skipLine()
      } else {
        return
      }
    }
  }

  /// Goes to the line's end, before the newline.
  mutating func skipLine() {
    while position < end, current != 0x0A { position += 1 }
  }

  // MARK: Words and names

  /// Whether a byte can be part of a bare word: neither blank nor one of `; # , = { } ( ) [ ] "`, no control.
  static func isWordByte(_ b: UInt8) -> Bool {
    switch b {
    case 0...0x20, 0x22, 0x23, 0x28, 0x29, 0x2C, 0x3B, 0x3D, 0x5B, 0x5D, 0x7B, 0x7D, 0x7F: return false
    default: return true
    }
  }

  /// Where the bare word that begins at `i` ends; `i` itself if none begins there.
  func wordEnd(from i: Int) -> Int {
    var j = i
    while Lexer.isWordByte(bytes[j]) {
      // Only these bytes can begin a blank of several bytes or a continuation.
      if bytes[j] == 0x5C || bytes[j] >= 0xC2, blank(at: j) > 0 { break }
      j += 1
    }
    return j
  }

  /// How many bytes of a name stand at `i`: a letter of any script or `_`; digits too unless `first`.
  func letter(at i: Int, first: Bool) -> Int {
    switch bytes[i] {
    case 0x41...0x5A, 0x61...0x7A, 0x5F: return 1
    case 0x30...0x39: return first ? 0 : 1
    case 0...0x7F: return 0
    default:
      guard let (scalar, length) = scalar(at: i) else { return 0 }
      let isLetter = scalar.properties.isAlphabetic || (!first && scalar.properties.isIDContinue)
      return isLetter ? length : 0
    }
  }

  /// Where the name that begins at `i` ends; `i` itself if none begins there.
  func nameEnd(from i: Int) -> Int {
    var j = i
    while case let length = letter(at: j, first: j == i), length > 0 { j += length }
    return j
  }

  /// The character at `i` and its length in bytes.
  func scalar(at i: Int) -> (Unicode.Scalar, Int)? {
    guard i < end else { return nil }
    let first = bytes[i]
    let length = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4
    guard i + length <= end else { return nil }
    if length == 1 { return (Unicode.Scalar(first), 1) }
    var value = UInt32(first) & (0x7F >> UInt32(length))
    for k in 1..<length { value = value << 6 | UInt32(bytes[i + k] & 0x3F) }
    return Unicode.Scalar(value).map { ($0, length) }
  }
}
