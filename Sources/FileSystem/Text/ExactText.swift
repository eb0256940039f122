/// A text that is equal to another only when their bytes are.
///
/// Swift's `String` takes canonically equivalent texts for equal (Ω U+2126 and Ω U+03A9, é in one or two
/// characters); vocabularies and tensor names tell them apart, so keys are compared by their bytes.
public struct ExactText: Hashable, Sendable {
  /// The text.
  public let text: String

  /// A text, from now on compared by its bytes.
  public init(_ text: String) { self.text = text }

  /// Whether the bytes are the same.
  public static func == (a: ExactText, b: ExactText) -> Bool { same(a.text, b.text) }

  /// Feeds the bytes.
  public func hash(into hasher: inout Hasher) {
    let done: Void? = text.utf8.withContiguousStorageIfAvailable {
      hasher.combine(bytes: UnsafeRawBufferPointer($0))
    }
    if done == nil { for byte in text.utf8 { hasher.combine(byte) } }
  }

  /// Whether two texts have the same bytes.
  public static func same(_ a: String, _ b: String) -> Bool {
    a.utf8.count == b.utf8.count && a.utf8.elementsEqual(b.utf8)
  }

  /// The order of bytes, which is that of code points: how Python and Rust sort.
  public static func precedes(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }
}
