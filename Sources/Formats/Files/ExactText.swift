/// A text that is equal to another only when their bytes are.
///
/// Swift's `String` takes canonically equivalent texts for equal (Ω U+2126 and Ω U+03A9, é in one or two
/// characters); vocabularies and tensor names tell them apart, so keys are compared by their bytes.
struct ExactText: Hashable {
  let text: String

  init(_ text: String) { self.text = text }

  static func == (a: ExactText, b: ExactText) -> Bool { same(a.text, b.text) }

  func hash(into hasher: inout Hasher) {
    let done: Void? = text.utf8.withContiguousStorageIfAvailable {
      hasher.combine(bytes: UnsafeRawBufferPointer($0))
    }
    if done == nil { for byte in text.utf8 { hasher.combine(byte) } }
  }

  /// Whether two texts have the same bytes.
  static func same(_ a: String, _ b: String) -> Bool {
    a.utf8.count == b.utf8.count && a.utf8.elementsEqual(b.utf8)
  }

  /// The order of bytes, which is that of code points: how Python and Rust sort.
  static func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
}
