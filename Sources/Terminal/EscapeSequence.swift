/// Recognises the sequences that colour text: `ESC [ … letter`, and `ESC` with one character.
enum EscapeSequence {
  /// How many scalars the sequence at the beginning has; 0 if there is none.
  static func length(at text: Substring.UnicodeScalarView) -> Int {
    guard text.first == "\u{1B}" else { return 0 }
    var count = 1
    var rest = text.dropFirst()
    guard rest.first == "[" else { return min(2, 1 + rest.count) }
    repeat {
      count += 1
      rest = rest.dropFirst()
      guard let scalar = rest.first else { return count }
      if ("@"..."~").contains(scalar) { return count + 1 }
    } while true
  }
}
