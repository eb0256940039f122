/// A text and the word or words that label it.
public struct LabelledText: Sendable, Hashable {
  /// The text.
  public var text: String
  /// The label, as it is said: `positive`, `no complaint`.
  public var label: String

  /// A text with its label.
  public init(_ text: String, label: String) {
    self.text = text
    self.label = label
  }
}
