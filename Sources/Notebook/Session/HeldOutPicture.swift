import Data
import Engine
import Events
import Options
import Training

/// A held-out picture that a model which answers in words is asked about.
struct HeldOutPicture {
  /// What the model reads before it answers, by the data's template.
  let prompt: [Int]
  /// The image tokens, [1, tokens, width].
  let features: Tensor
  private let seen: (pictures: Pictures, choices: [Int?])?
  private let number: Int
  private let labels: [String]

  /// The picture of this number; throws where the data has none to look at.
  init(_ number: Int, of subject: Subject) throws {
    guard let source = subject.source as? LabelledBatches, let seen = source.seen,
      let features = seen.features[.heldout]
    else {
      throw Failure(
        "\(subject.name) has no pictures to be asked about.",
        cure: "data fashion answer=words (after get fashion) and attach pill give it some")
    }
    guard (0..<features.count).contains(number) else {
      throw Failure(
        "picture=\(number): the held-out pictures are 0 to \(features.count - 1).",
        cure: "For example picture=0")
    }
    let one = features.picked([number])
    self.features = try Tensor([1, one.tokens, one.width], one.values)
    self.seen = try seen.pictures(.heldout, at: [number])
    self.number = number
    labels = source.labels
    prompt = try source.task.prompt(source.texts(.heldout)[number].text)
  }

  /// Draws it with what it is; says so where the model cannot see it.
  func show(_ session: Session, _ subject: Subject) {
    if let seen {
      session.emit(.pictures(PictureRow(seen, upTo: 1, columns: 28, words: labels, names: [number])))
    }
    session.sayWhetherItSees(subject)
  }
}
