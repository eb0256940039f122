/// Turns text into the whole numbers that a model reads, and back.
public protocol Tokenizer: Sendable {
  /// The name that is shown: `letters a–z`, `byte-pair 1024`.
  var name: String { get }
  /// How many ids there are: the rows of the embedding, one more than the largest id.
  var vocabularySize: Int { get }
  /// The id that ends a text, where there is one.
  var endOfText: Int? { get }
  /// The id that fills short rows, where there is one of its own.
  var pad: Int? { get }
  /// Ids that stand for no text of a user: end of text, padding, markers.
  var specials: Set<Int> { get }
  /// The ids of a text; throws where a letter has no id.
  func encode(_ text: String) throws -> [Int]
  /// The ids of many texts, each as `encode` gives it, with the work on repeated words done once.
  func encode(_ texts: [String]) throws -> [[Int]]
  /// The text of ids; bytes that are not UTF-8 become U+FFFD, ids outside the vocabulary nothing.
  func decode(_ ids: [Int]) -> String
  /// Ids that stand before and after a whole input: `[CLS]` and `[SEP]`; `encode` leaves them out.
  var around: (before: [Int], after: [Int]) { get }
  /// One token as it is shown: a space as `␣`, a line end as `\n`, a byte that is no letter by itself as
  /// `\xE2`.
  func token(_ id: Int) -> String
}

extension Tokenizer {
  /// Each text encoded by itself.
  public func encode(_ texts: [String]) throws -> [[Int]] { try texts.map { try encode($0) } }

  /// Nothing stands around an input.
  public var around: (before: [Int], after: [Int]) { ([], []) }

  /// The ids of a whole input with what stands around it; one that a model goes on from stays open at its end.
  public func encodeWhole(_ text: String, isOpen: Bool = false) throws -> [Int] {
    let ids = try encode(text)
    return ids.isEmpty ? [] : around.before + ids + (isOpen ? [] : around.after)
  }

  /// What fills short rows: the padding id, else the end of text, else 0 (which the mask hides).
  public var filler: Int { pad ?? endOfText ?? 0 }
}

/// Bytes as one line of visible text; used for showing single tokens.
func visible(_ bytes: [UInt8]) -> String {
  var out = ""
  var rest = bytes[...]
  while !rest.isEmpty {
    var decoder = UTF8()
    var iterator = rest.makeIterator()
    guard case .scalarValue(let scalar) = decoder.decode(&iterator) else {
      let hex = String(rest.removeFirst(), radix: 16, uppercase: true)
      out += "\\x" + (hex.count == 1 ? "0" : "") + hex
      continue
    }
    rest = rest.dropFirst(UTF8.width(scalar))
    out += visible(scalar)
  }
  return out
}

private func visible(_ scalar: Unicode.Scalar) -> String {
  switch scalar {
  case " ": return "␣"
  case "\n": return "\\n"
  case "\t": return "\\t"
  case "\r": return "\\r"
  default:
    let hidden = scalar.properties.isWhitespace || scalar.properties.generalCategory == .control
    return hidden ? "\\u{" + String(scalar.value, radix: 16) + "}" : String(scalar)
  }
}

extension UTF8 {
  /// How many bytes a scalar takes.
  static func width(_ scalar: Unicode.Scalar) -> Int {
    scalar.value < 0x80 ? 1 : scalar.value < 0x800 ? 2 : scalar.value < 0x10000 ? 3 : 4
  }
}
