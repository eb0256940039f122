import Data
import Events
import Networks
import Options
import Training

/// `show mask`: which tokens of the next batch carry loss, in the text itself.
public struct MaskView: View {
  /// What it says of itself.
  public static let card = Card(
    "mask", "Which tokens of a row carry loss, token by token, before anything is trained.",
    formula: "loss = −Σ log p(token) / #tokens, over the tokens in ⟦ ⟧",
    examples: ["show mask", "show mask row=3"],
    notes: [
      "sum(mask()) is how many count in the whole batch; ‖ stands between the documents of a packed row."
    ])

  /// The row; −1: the first rows, shortly.
  public var row = -1

  /// Its options.
  public static var options: [Option<MaskView>] {
    [Option("row", \.row, "the row, from 0; -1 is the first four", in: -1...1_000_000)]
  }

  /// The first rows.
  public init() {}

  /// Shows it.
  public func show(_ session: Session, _ subject: Subject, _ call: Call) throws {
    let batch = try subject.batch()
    guard batch.pictures == nil else {
      throw Failure("the data are pictures: there are no tokens.", cure: "show batch")
    }
    guard row < batch.rows else {
      throw Failure("row=\(row): the batch has rows 0 to \(batch.rows - 1).", cure: "For example row=0")
    }
    for one in row < 0 ? Array(0..<min(4, batch.rows)) : [row] {
      session.say(.dim("row \(one)  ") + text(one, batch, subject.tokenizer))
    }
    let real = batch.keep.joined().reduce(0, +), counted = batch.counted
    let documents = batch.documents?.reduce(0) { $0 + (($1.max() ?? -1) + 1) } ?? batch.rows
    session.emit(
      .facts(
        Facts(
          "the whole batch",
          [
            .init("rows", .count(batch.rows)), .init("documents", .count(documents)),
            .init("tokens", .count(real)), .init("carry loss", .count(counted)),
            .init("share", .percent(Double(counted) / Double(max(1, real)))),
          ])))
    if counted == 0 {
      session.emit(.note(Note("no token carries loss: a step would learn nothing", .warning)))
    }
  }

  /// The row's tokens, those with loss strong and in brackets.
  private func text(_ row: Int, _ batch: Batch, _ tokenizer: any Tokenizer) -> StyledText {
    var out = StyledText(""), isOpen = false, document = -1
    for column in batch.ids[row].indices where batch.keep[row][column] == 1 {
      let counts = batch.labels[row][column] != Example.ignored, own = batch.documents?[row][column] ?? 0
      if isOpen && (!counts || own != document) {
        out += StyledText("⟧")
        isOpen = false
      }
      if own != document && document >= 0 { out += .dim(" ‖ ") }
      if counts && !isOpen { out += StyledText("⟦") }
      document = own
      isOpen = counts
      let token = tokenizer.token(batch.ids[row][column])
      out += counts ? .strong(token) : .dim(token)
    }
    return isOpen ? out + StyledText("⟧") : out
  }
}

extension Subject {
  /// The loss of each place of a batch, whatever the trainer makes of it.
  func placedLoss(_ batch: Batch, _ pass: Pass) throws -> Loss {
    guard model.network.answers == .rows, batch.preferences != nil else {
      return try Loss(model, batch, pass)
    }
    return try loss(pass)
  }
}
