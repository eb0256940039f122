import Data
import Engine
import Networks
import Options

/// The loss of a model on a batch, by what its head answers to: each position, each token, or each row once.
public struct Loss {
  /// The mean in nats.
  public let loss: Tensor
  /// −log p(answer) of each that counted, in the order of `places`.
  public let each: [Float]
  /// Row and column (of the batch) of each that counted; a row that is answered once stands with column 0.
  public let places: [(row: Int, column: Int)]
  /// Numbers that training is watched by.
  public var figures: [Figure] = []

  /// A loss that was computed otherwise.
  public init(
    loss: Tensor, each: [Float], places: [(row: Int, column: Int)], figures: [Figure] = []
  ) {
    (self.loss, self.each, self.places, self.figures) = (loss, each, places, figures)
  }

  /// Runs the model on a batch.
  public init(_ model: Model, _ batch: Batch, _ pass: Pass) throws {
    try Self.check(model, batch)
    switch model.network.answers {
    case .positions, .tokens:
      let found = try LanguageLoss(model, batch, pass)
      (loss, each, places) = (found.loss, found.each, found.places)
    case .rows:
      let found = try ClassLoss(model, batch, pass)
      (loss, each, places) = (found.loss, found.each, found.rows.map { ($0, 0) })
    }
  }

  /// How many answers of a batch carry loss for a model.
  public static func counted(_ model: Model, _ batch: Batch) -> Int {
    model.network.answers == .rows ? batch.classified : batch.counted
  }

  /// Throws, in words for whoever chose model and data, where the one cannot be learnt by the other.
  static func check(_ model: Model, _ batch: Batch) throws {
    switch (model.network.reads, batch.pictures) {
    case (.tokens, nil): break
    case (.tokens, _?):
      throw Failure("this model reads text, and the data are pictures.", cure: "vit makes a model that sees")
    case (.pictures(let channels, let height, let width), let pictures?):
      guard (channels, height, width) != (pictures.channels, pictures.height, pictures.width) else { break }
      throw Failure(
        "this model reads pictures of \(channels)×\(height)×\(width), and these are "
          + "\(pictures.channels)×\(pictures.height)×\(pictures.width).",
        cure: "vit size=\(pictures.height) channels=\(pictures.channels)")
    case (.pictures, nil):
      throw Failure("this model reads pictures, and the data are text.", cure: "gpt and bert read text")
    }
    try checkTags(model, batch)
    switch model.network.answers {
    case .positions: return try checkAnswers(model, batch)
    case .tokens: return
    case .rows: break
    }
    let classes = model.network.head.width.out
    if let wrong = batch.choices.compactMap({ $0 }).first(where: { $0 >= classes }) {
      throw Failure(
        "the data have the class \(wrong), and this model answers with classes 0 to \(classes - 1).",
        cure: "Make it with more: classes=\(wrong + 1)")
    }
  }

  /// Tags of tokens and a head that answers each token go together.
  private static func checkTags(_ model: Model, _ batch: Batch) throws {
    let classes = model.network.head.width.out
    guard batch.isTagged == (model.network.answers == .tokens) else {
      throw batch.isTagged
        ? Failure(
          "the data have a tag for each token, and this model does not answer each token with a class.",
          cure: "bert each=token makes one that does, open FOLDER each=token gives an encoder such a head")
        : Failure(
          "this model answers each token with a class, and the data have no tags.",
          cure: "data tags FILE, with a word and its tag a line; or a model without each=token")
    }
    if batch.isTagged, let wrong = batch.targets.joined().max(), wrong >= classes {
      throw Failure(
        "the data have the tag \(wrong), and this model answers with classes 0 to \(classes - 1).",
        cure: "Make it with more: classes=\(wrong + 1)")
    }
  }

  /// A decoder of its own writes answers, and only that.
  private static func checkAnswers(_ model: Model, _ batch: Batch) throws {
    guard (model.network.start == nil) != (batch.written == nil) else { return }
    throw Failure(
      batch.written == nil
        ? "this model reads a text and writes an answer, and the data have no answers apart."
        : "the data are texts with answers apart, and this model goes on with what it reads.",
      cure: "Set the data again for this model: task, or data")
  }
}
