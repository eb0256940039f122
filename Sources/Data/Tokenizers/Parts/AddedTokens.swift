import FileSystem
import Options

/// A token matched as a whole in the text, before the text is cut into words.
struct AddedToken: Sendable {
  let id: Int
  let content: String
  /// Whether it takes the white space before or after it, and whether it must be a word of its own.
  let takesLeft, takesRight, isWord: Bool
  /// Whether it is looked for after the text was normalized.
  let isNormalized: Bool
  /// Whether it stands for no text of a user.
  let isSpecial: Bool

  init(_ part: JSONPlace, limit: Int) throws {
    guard let id = part["id"].integer, (0..<limit).contains(id) else {
      throw part["id"].failure("a whole number from 0 to \(limit - 1)")
    }
    guard let content = part["content"].text else { throw part["content"].failure("a text") }
    self.id = id
    self.content = content
    takesLeft = part["lstrip"].flag ?? false
    takesRight = part["rstrip"].flag ?? false
    isWord = part["single_word"].flag ?? false
    isSpecial = part["special"].flag ?? false
    isNormalized = part["normalized"].flag ?? !isSpecial
  }
}

/// Finds added tokens in a text: the leftmost first, of those that begin at one place the longest.
struct AddedSearch: Sendable {
  /// Tokens by their first byte, longest first.
  private let byFirst: [[(bytes: [UInt8], token: AddedToken)]]
  private let isFirst: [Bool]
  /// Whether there is nothing to look for.
  let isEmpty: Bool

  init(_ tokens: [(bytes: [UInt8], token: AddedToken)]) {
    var byFirst = [[(bytes: [UInt8], token: AddedToken)]](repeating: [], count: 256)
    for one in tokens { if let first = one.bytes.first { byFirst[Int(first)].append(one) } }
    for i in byFirst.indices where byFirst[i].count > 1 {
      byFirst[i] = byFirst[i].enumerated().sorted {
        $0.element.bytes.count != $1.element.bytes.count
          ? $0.element.bytes.count > $1.element.bytes.count : $0.offset < $1.offset
      }.map(\.element)
    }
    self.byFirst = byFirst
    isFirst = byFirst.map { !$0.isEmpty }
    isEmpty = !isFirst.contains(true)
  }

  /// Parts of a text in order: an id, or nil for what is none.
  func parts(_ text: [UInt8]) -> [(id: Int?, range: Range<Int>)] {
    text.withUnsafeBufferPointer { bytes in
      var out: [(id: Int?, range: Range<Int>)] = [], done = 0, i = 0
      while i < bytes.count {
        guard isFirst[Int(bytes[i])],
          let match = byFirst[Int(bytes[i])].first(where: { Self.isThere($0.bytes, bytes, i) })
        else {
          i += 1
          continue
        }
        var (start, stop) = (i, i + match.bytes.count)
        i = stop
        if match.token.isWord, Self.touchesWord(bytes, start, stop) { continue }
        if match.token.takesLeft {
          while start > done {
            let before = UTF8Walk.before(bytes, start, done)
            guard LetterClass.isWhite(UTF8Walk.scalar(bytes, before, start).value) else { break }
            start = before
          }
        }
        if match.token.takesRight {
          while stop < bytes.count {
            let (value, length) = UTF8Walk.scalar(bytes, stop, bytes.count)
            guard LetterClass.isWhite(value) else { break }
            stop += length
          }
        }
        if done < start { out.append((nil, done..<start)) }
        out.append((match.token.id, max(start, done)..<max(stop, done)))
        done = max(stop, done)
      }
      if done < bytes.count { out.append((nil, done..<bytes.count)) }
      return out
    }
  }

  private static func isThere(_ token: [UInt8], _ bytes: UnsafeBufferPointer<UInt8>, _ i: Int) -> Bool {
    guard i + token.count <= bytes.count else { return false }
    for k in token.indices where bytes[i + k] != token[k] { return false }
    return true
  }

  /// Whether a letter of a word stands right before or after.
  private static func touchesWord(_ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ stop: Int) -> Bool {
    if start > 0, LetterClass.isWord(UTF8Walk.scalar(bytes, UTF8Walk.before(bytes, start, 0), start).value) {
      return true
    }
    return stop < bytes.count && LetterClass.isWord(UTF8Walk.scalar(bytes, stop, bytes.count).value)
  }
}
