import Options

/// A head that is drawn anew for a task, whatever head a file has.
public struct NewHead: Sendable, Equatable, ExpressibleByIntegerLiteral {
  /// How many classes it answers with; 0: as many as the configuration says.
  public var classes: Int
  /// Whether each token is answered, not the text as a whole.
  public var isOfTokens: Bool

  /// A head for so many classes.
  public init(_ classes: Int, isOfTokens: Bool = false) {
    (self.classes, self.isOfTokens) = (classes, isOfTokens)
  }
  /// A head that answers each text with one of so many classes.
  public init(integerLiteral value: Int) { self.init(value) }
}

extension BaseForm {
  /// The form with another head; throws where the architecture has none of the kind.
  func with(_ head: NewHead?) throws -> Self {
    guard let head else { return self }
    var made = self
    if head.classes > 0 { made.classes = head.classes }
    guard head.isOfTokens else { return made }
    guard let tagger = made.ofTokens else {
      throw Failure(
        "\(architecture.title) has no head that answers each token.",
        cure: "Leave out each=token, or open a BERT: open minilm each=token classes=5")
    }
    return tagger
  }
}
