import FileSystem
import Options

/// Tokens by id and ids by token; tokens are told apart by their bytes.
struct TokenVocabulary: Sendable {
  /// The token of each id, as the file writes it; nil where there is none.
  private(set) var tokens: [String?] = []
  /// Ids by the bytes that a token stands for.
  private(set) var ids: ByteTable
  private let isByteLevel: Bool

  /// Reads an object of tokens and ids.
  init(_ part: JSONPlace, isByteLevel: Bool = false) throws {
    guard let members = part.value?.asObject?.members else {
      throw part.failure("an object of tokens and their ids")
    }
    self.isByteLevel = isByteLevel
    let limit = Self.idLimit(members.count)
    ids = ByteTable(capacity: members.count)
    tokens = [String?](repeating: nil, count: members.count)
    for member in members {
      guard let id = member.value.asInteger, (0..<limit).contains(id) else {
        throw part[member.key].failure("a whole number from 0 to \(limit - 1)")
      }
      while tokens.count <= id { tokens.append(nil) }
      if let other = tokens[id] {
        let names = [member.key, other].sorted(by: ExactText.precedes).map { "“\($0)”" }
        throw Failure("\(part.place): id \(id) is given twice, to \(names.joined(separator: " and ")).")
      }
      tokens[id] = member.key
      add(member.key, id)
    }
    while let last = tokens.last, last == nil { tokens.removeLast() }
  }

  /// Tokens in the order of their ids; of a token that stands twice the later one counts.
  init(_ list: [String]) {
    isByteLevel = false
    ids = ByteTable(capacity: list.count)
    tokens = list
    for (id, token) in list.enumerated() { add(token, id) }
  }

  private mutating func add(_ token: String, _ id: Int) {
    guard isByteLevel else { return ids.set(Array(token.utf8), Int32(id)) }
    // A token with other letters than the alphabet's can never come of bytes.
    if let bytes = ByteAlphabet.bytesOrNil(of: token) { ids.set(bytes, Int32(id)) }
  }

  /// One more than the largest id.
  var count: Int { tokens.count }

  /// The id of a token as the file writes it.
  func id(of token: String) -> Int32? {
    if !isByteLevel { return ids.find(Array(token.utf8)) }
    return ByteAlphabet.bytesOrNil(of: token).flatMap { ids.find($0) }
      ?? tokens.firstIndex { $0.map { ExactText.same($0, token) } ?? false }.map { Int32($0) }
  }

  /// A table is as long as its largest id, so a file may not name an id far above the number of its tokens.
  static func idLimit(_ tokens: Int) -> Int { min(2 * tokens + 65_536, 1 << 30) }

  /// The ids of the 256 tokens `<0x00>` … `<0xFF>`; nil for those that are not there.
  var byteTokens: [Int32?] {
    let digits = Array("0123456789ABCDEF")
    return (0..<256).map { byte in ids.find(Array("<0x\(digits[byte >> 4])\(digits[byte & 15])>".utf8)) }
  }
}
