/// Known patterns for words, read by hand: faster than a machine that tries, and equal to it.
enum WordRule: Sendable, Equatable {
  /// GPT-2's: `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
  case gpt2
  /// Llama 3's and Qwen's, which differ in how many digits stay together.
  case llama3(digits: Int)

  static let gpt2Text =
    #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#
  /// The expression of Llama 3's, with so many digits together.
  static func llama3Text(digits: Int) -> String {
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}"# + (digits == 1 ? "" : "{1,\(digits)}")
      + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
  }

  /// The rule of an expression, where it is one of these to the letter.
  init?(_ text: String) {
    switch text {
    case Self.gpt2Text: self = .gpt2
    case Self.llama3Text(digits: 3): self = .llama3(digits: 3)
    case Self.llama3Text(digits: 1): self = .llama3(digits: 1)
    default: return nil
    }
  }

  /// Cuts a piece into words without gaps.
  func cut(_ bytes: UnsafeBufferPointer<UInt8>, _ piece: Range<Int>, _ out: inout [Range<Int>]) {
    var i = piece.lowerBound
    while i < piece.upperBound {
      let end: Int
      switch self {
      case .gpt2: end = Self.gpt2End(bytes, i, piece.upperBound)
      case .llama3(let digits): end = Self.llama3End(bytes, i, piece.upperBound, digits)
      }
      out.append(i..<end)
      i = end
    }
  }

  @inline(__always)
  private static func kind(
    _ bytes: UnsafeBufferPointer<UInt8>, _ i: Int, _ end: Int
  ) -> (kind: LetterKind, length: Int) {
    let (value, length) = UTF8Walk.scalar(bytes, i, end)
    return (LetterKind.of(value), length)
  }

  /// Where a run of one kind ends.
  @inline(__always)
  private static func run(
    _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int, of wanted: LetterKind
  ) -> Int {
    var i = start
    while i < end {
      let (kind, length) = kind(bytes, i, end)
      guard kind == wanted else { break }
      i += length
    }
    return i
  }

  private static func gpt2End(_ bytes: UnsafeBufferPointer<UInt8>, _ i: Int, _ end: Int) -> Int {
    if bytes[i] == 0x27, let length = contraction(bytes, i + 1, end, foldsCase: false) {
      return i + 1 + length
    }
    let first = bytes[i] == 0x20 ? i + 1 : i
    if first < end {
      let (kind, length) = kind(bytes, first, end)
      if kind == .letter || kind == .number || kind == .other {
        return run(bytes, first + length, end, of: kind)
      }
    }
    return white(bytes, i, end).end
  }

  private static func llama3End(
    _ bytes: UnsafeBufferPointer<UInt8>, _ i: Int, _ end: Int, _ digits: Int
  ) -> Int {
    if bytes[i] == 0x27, let length = contraction(bytes, i + 1, end, foldsCase: true) {
      return i + 1 + length
    }
    let (first, length) = kind(bytes, i, end)
    switch first {
    case .letter: return run(bytes, i + length, end, of: .letter)
    case .number:
      var j = i + length, count = 1
      while count < digits, j < end {
        let (kind, length) = kind(bytes, j, end)
        guard kind == .number else { break }
        j += length
        count += 1
      }
      return j
    case .space, .white, .other:
      let next = i + length
      if next < end, kind(bytes, next, end).kind == .letter { return run(bytes, next, end, of: .letter) }
      let others = first == .other ? i : bytes[i] == 0x20 ? next : end
      if others < end, kind(bytes, others, end).kind == .other {
        var j = run(bytes, others, end, of: .other)
        while j < end, bytes[j] == 0x0A || bytes[j] == 0x0D { j += 1 }
        return j
      }
    case .newline: break
    }
    let (stop, lines) = white(bytes, i, end)
    return lines > i ? lines : stop
  }

  /// A run of white space: where `\s+(?!\S)|\s+` ends, and where its last line end ends (or `i`).
  private static func white(
    _ bytes: UnsafeBufferPointer<UInt8>, _ i: Int, _ end: Int
  ) -> (end: Int, lines: Int) {
    var j = i, last = i, lines = i
    while j < end {
      let (kind, length) = kind(bytes, j, end)
      guard kind == .space || kind == .newline || kind == .white else { break }
      last = j
      j += length
      if kind == .newline { lines = j }
    }
    // All of it at the end; else all but the last, which may belong to the next word.
    return (j == end || last == i ? j : last, lines)
  }

  /// How long the ending after an apostrophe is: s t m d, re ve ll.
  private static func contraction(
    _ bytes: UnsafeBufferPointer<UInt8>, _ i: Int, _ end: Int, foldsCase: Bool
  ) -> Int? {
    guard i < end else { return nil }
    func letter(_ i: Int) -> UInt8 {
      guard i < end else { return 0 }
      let byte = bytes[i]
      return foldsCase && (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }
    switch letter(i) {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 1
    case UInt8(ascii: "r"), UInt8(ascii: "v"): return letter(i + 1) == UInt8(ascii: "e") ? 2 : nil
    case UInt8(ascii: "l"): return letter(i + 1) == UInt8(ascii: "l") ? 2 : nil
    // The long s is an s of another case.
    case 0xC5: return foldsCase && i + 1 < end && bytes[i + 1] == 0xBF ? 2 : nil
    default: return nil
    }
  }
}
