/// The text of ids that come one by one, given out as soon as it can no longer change.
///
/// A letter may take several tokens: what ends in a broken letter waits for the next one.
public struct StreamingText {
  private let tokenizer: any Tokenizer
  private var ids: [Int] = []
  /// How much of `ids` stands before what is shown, so that spaces come out as they will in the whole text.
  private var start = 0, shown = 0

  /// A stream of a tokenizer's text.
  public init(_ tokenizer: any Tokenizer) { self.tokenizer = tokenizer }

  /// Takes the next id and gives the text that is certain now, which may be none.
  public mutating func next(_ id: Int) -> String {
    ids.append(id)
    return advance(isLast: false)
  }

  /// What is left at the end, broken letters as U+FFFD.
  public mutating func finish() -> String { advance(isLast: true) }

  private mutating func advance(isLast: Bool) -> String {
    let before = tokenizer.decode(Array(ids[start..<shown])).unicodeScalars
    let whole = tokenizer.decode(Array(ids[start...])).unicodeScalars
    guard isLast || whole.last != "\u{FFFD}", whole.count > before.count else { return "" }
    var new = String.UnicodeScalarView()
    new.append(contentsOf: whole.dropFirst(before.count))
    (start, shown) = (shown, ids.count)
    return String(new)
  }
}
