import Data
import Options

/// Where a trainer's batches come from: a pure function of the step, so that going back needs no bookkeeping.
public protocol BatchSource {
  /// What it is, in a few words.
  var name: String { get }
  /// Everything that its batches depend on, as text: sources of equal identity give equal batches.
  var identity: String { get }
  /// The classes in words, where rows have one and it has words.
  var labels: [String] { get }
  /// The batch of a step, counted from 0.
  func batch(_ step: Int) throws -> Batch
  /// How many batches all data to learn from make, a last one not full counted by its share; nil: they never end.
  var epoch: Double? { get }
  /// The batches that evaluation runs over, always the same.
  func evaluation() throws -> [Batch]
  /// The batches of a part, where the data come in parts; else those that evaluation runs over.
  func evaluation(_ part: LabelledBatches.Part) throws -> [Batch]
  /// The pictures that a step's rows are or go with, and their classes, for showing; nil: none.
  func seen(_ step: Int) throws -> (pictures: Pictures, choices: [Int?])?
  /// The same data drawn in another order.
  func reseeded(_ seed: Int) throws -> any BatchSource
}

extension BatchSource {
  /// The name, where it says all.
  public var identity: String { name }

  /// None.
  public var labels: [String] { [] }

  /// Never.
  public var epoch: Double? { nil }

  /// All there are.
  public func evaluation(_ part: LabelledBatches.Part) throws -> [Batch] { try evaluation() }

  /// None.
  public func seen(_ step: Int) throws -> (pictures: Pictures, choices: [Int?])? { nil }

  /// Itself, where there is no order to draw.
  public func reseeded(_ seed: Int) throws -> any BatchSource { self }
}

extension [String] {
  /// The word of a class among labels; a class without one by its number.
  public func word(ofClass choice: Int) -> String {
    indices.contains(choice) ? self[choice] : "class \(choice)"
  }
}

/// Batches of the alphabet toy; evaluation runs over every row there is.
public struct AlphabetBatches: BatchSource {
  /// The task.
  public let task: AlphabetTask
  /// Rows a batch.
  public let rows: Int
  /// Pictures that go with the rows and say which skill each follows; nil: the letters alone.
  public let pictures: SkillPictures?
  /// The token that a model's decoder begins with: it reads the first half of each row and writes the second. nil: a
  /// row goes on by itself.
  public let start: Int?

  /// Batches of a task.
  public init(_ task: AlphabetTask, rows: Int = 16, pictures: SkillPictures? = nil, start: Int? = nil) {
    self.task = task
    self.rows = rows
    self.pictures = pictures
    self.start = start
  }

  /// The skills, which a model with a head for classes tells apart.
  public var labels: [String] { task.skills.map { $0 < 0 ? "−\($0.magnitude)" : "+\($0)" } }

  /// `alphabet +2`.
  public var name: String { "alphabet \(task.name)" }

  /// With the rows, their length and their seed.
  public var identity: String {
    "\(name) rows=\(rows) length=\(task.length) seed=\(task.seed)" + (pictures == nil ? "" : " pictures")
      + (start.map { " start=\($0)" } ?? "")
  }

  /// Rows drawn for the step.
  public func batch(_ step: Int) throws -> Batch {
    try seen(batch(task.examples(step: step, rows: rows)), from: step * rows)
  }

  /// All rows of all skills.
  public func evaluation() throws -> [Batch] {
    [seen(try batch(task.whole), from: -task.whole.count)]
  }

  private func batch(_ rows: [Example]) throws -> Batch {
    let rows = start == nil ? rows : try rows.map { try $0.cut(after: max(1, task.length / 2)) }
    return try Batch(rows, pad: 0, start: start)
  }

  /// Other rows of the same skills.
  public func reseeded(_ seed: Int) throws -> any BatchSource {
    let other = try AlphabetTask(skills: task.skills, length: task.length, seed: seed)
    let drawn = try pictures.map { _ in try SkillPictures(skills: task.skills.count, seed: seed) }
    return AlphabetBatches(other, rows: rows, pictures: drawn, start: start)
  }

  /// The pictures of 2×2 pixels.
  public func seen(_ step: Int) throws -> (pictures: Pictures, choices: [Int?])? {
    guard let pictures else { return nil }
    let choices = task.examples(step: step, rows: rows).map(\.choice)
    let values = drawn(pictures, choices, from: step * rows).joined().map { 2 * $0 - 1 }
    return (try Pictures(height: 2, width: 2, values), choices)
  }

  /// With its pictures, whose noise is keyed by the number of the row.
  private func seen(_ batch: Batch, from first: Int) -> Batch {
    guard let pictures else { return batch }
    var copy = batch
    copy.features = pictures.features(drawn(pictures, batch.choices, from: first))
    return copy
  }

  private func drawn(_ pictures: SkillPictures, _ choices: [Int?], from first: Int) -> [[Float]] {
    choices.enumerated().map { pictures.picture(of: $1 ?? 0, row: first + $0) }
  }
}

/// Batches drawn from a list of examples, each once an epoch in an order drawn for the epoch.
public struct ExampleBatches: BatchSource {
  /// What it is.
  public let name: String
  /// What training draws from.
  public let training: [Example]
  /// What evaluation runs over.
  public let heldOut: [Example]
  /// Rows a batch.
  public let rows: Int
  /// The id that fills short rows.
  public let filler: Int
  /// The token that a model's decoder begins with, where examples have answers; nil: rows go on by themselves.
  public let start: Int?
  /// The classes of rows or tokens in words, where they have some.
  public let labels: [String]
  /// With a digest of all examples.
  public let identity: String
  private let sampler: Sampler

  /// Batches of examples; throws when there are none to train on.
  public init(
    _ name: String, training: [Example], heldOut: [Example], rows: Int, filler: Int, start: Int? = nil,
    labels: [String] = [], seed: Int
  ) throws {
    guard !training.isEmpty else {
      throw Failure("\(name) has no examples to train on.", cure: "Is the split right?")
    }
    self.name = name
    self.training = training
    self.heldOut = heldOut
    self.rows = min(rows, training.count)
    self.filler = filler
    self.start = start
    self.labels = labels
    sampler = Sampler(count: training.count, rows: self.rows, seed: seed)
    let words = labels.map { Array($0.utf8).map(Int.init) }
    let digest = String(
      Self.digest(training) &+ 31 &* Self.digest(heldOut) &+ 961 &* Self.digest(words), radix: 16)
    identity = "\(name) rows=\(self.rows) filler=\(filler) seed=\(seed) examples=\(digest)"
  }

  /// Of all that examples hold: what differs in a label, a class or a tag is another set of data.
  static func digest(_ examples: [Example]) -> UInt64 {
    digest(
      examples.map { one -> [Int] in
        let lists: [[Int]] = [
          one.ids, one.labels, one.slots, one.answer ?? [], one.documents, one.tags ?? [],
        ]
        return lists.reduce(into: [one.choice ?? -1]) { all, list in all += [list.count] + list }
      })
  }

  /// FNV-1a over lists of numbers and their lengths.
  private static func digest(_ lists: [[Int]]) -> UInt64 {
    var sum: UInt64 = 0xcbf2_9ce4_8422_2325
    for list in lists {
      for n in [list.count] + list { sum = (sum ^ UInt64(bitPattern: Int64(n))) &* 0x100_0000_01b3 }
    }
    return sum
  }

  /// By the sampler.
  public var epoch: Double? { sampler.epoch }

  /// Examples drawn for the step, padded on the left.
  public func batch(_ step: Int) throws -> Batch {
    try Batch(sampler.indices(step: step).map { training[$0] }, pad: filler, start: start)
  }

  /// The same examples in another order.
  public func reseeded(_ seed: Int) throws -> any BatchSource {
    try ExampleBatches(
      name, training: training, heldOut: heldOut, rows: rows, filler: filler, start: start, labels: labels,
      seed: seed)
  }

  /// Held-out examples in order, by length so that little is padded.
  public func evaluation() throws -> [Batch] {
    let sorted = heldOut.indices.sorted { (heldOut[$0].ids.count, $0) < (heldOut[$1].ids.count, $1) }
    return try stride(from: 0, to: sorted.count, by: 32).map { first in
      let chosen = sorted[first..<min(first + 32, sorted.count)].map { heldOut[$0] }
      return try Batch(chosen, pad: filler, start: start)
    }
  }
}
