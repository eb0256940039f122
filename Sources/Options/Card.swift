/// What a thing of a catalog says of itself: a method, a command, an op, a trainer.
///
/// Help, completion, documentation and `?choose` are all made from cards, so a fact stands here once.
public struct Card: Sendable, Equatable {
  /// How a method begins: whether attaching it changes what the model computes.
  public enum Start: String, Sendable, CaseIterable {
    /// The model computes exactly what it did before: the difference of logits is 0.
    case unchanged
    /// The same function in another form: the difference of logits is rounding, below 1e-5 of the largest.
    case rounded
    /// Attaching already changes the output.
    case changed
  }

  /// Whether the trained change can be put into the base's own weights.
  public enum Folding: String, Sendable, CaseIterable {
    /// The folded model equals the attached one up to rounding.
    case exact
    /// The trained parameters are the base's own: nothing to fold.
    case already
    /// There is no weight that could hold it; folding is refused with the reason.
    case impossible
  }

  /// The name that is typed.
  public var name: String
  /// One sentence: what it does.
  public var sentence: String
  /// The formula, one equation a line; empty where there is none.
  public var formula: String
  /// Authors, year and arXiv number; empty where there is none.
  public var paper: String
  /// When to use it, and when not: one or two sentences.
  public var use: String
  /// Lines that can be typed as they stand.
  public var examples: [String]
  /// How its numbers come about, where libraries and paper differ, and other things worth knowing.
  public var notes: [String]
  /// For a command: whether it changes the session and so becomes an entry of the tape.
  public var changes: Bool
  /// For a method: whether attaching changes the output.
  public var startsAs: Start
  /// For a method: whether it can be put into the base's weights.
  public var folds: Folding
  /// For a method: a learning rate at which it learns well, used when none is given. Per step, AdamW.
  public var rate: Float
  /// For a method: parameters whose gradient is by design not the derivative of the loss, each with the
  /// reason.
  public var gradientExceptions: [String: String]

  /// Makes a card; only the name and the sentence are needed.
  public init(
    _ name: String, _ sentence: String, formula: String = "", paper: String = "", use: String = "",
    examples: [String] = [], notes: [String] = [], changes: Bool = false, startsAs: Start = .unchanged,
    folds: Folding = .impossible, rate: Float = 1e-3, gradientExceptions: [String: String] = [:]
  ) {
    self.name = name
    self.sentence = sentence
    self.formula = formula
    self.paper = paper
    self.use = use
    self.examples = examples
    self.notes = notes
    self.changes = changes
    self.startsAs = startsAs
    self.folds = folds
    self.rate = rate
    self.gradientExceptions = gradientExceptions
  }
}
