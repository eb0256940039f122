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
  /// The batches that evaluation runs over, always the same.
  func evaluation() throws -> [Batch]
  /// The same data drawn in another order.
  func reseeded(_ seed: Int) throws -> any BatchSource
}

extension BatchSource {
  /// The name, where it says all.
  public var identity: String { name }

  /// None.
  public var labels: [String] { [] }

  /// Itself, where there is no order to draw.
  public func reseeded(_ seed: Int) throws -> any BatchSource { self }
}

/// Batches of the alphabet toy; evaluation runs over every row there is.
public struct AlphabetBatches: BatchSource {
  /// The task.
  public let task: AlphabetTask
  /// Rows a batch.
  public let rows: Int

  /// Batches of a task.
  public init(_ task: AlphabetTask, rows: Int = 16) {
    self.task = task
    self.rows = rows
  }

  /// The skills, which a model with a head for classes tells apart.
  public var labels: [String] { task.skills.map { $0 < 0 ? "−\($0.magnitude)" : "+\($0)" } }

  /// `alphabet +2`.
  public var name: String { "alphabet \(task.name)" }

  /// With the rows, their length and their seed.
  public var identity: String { "\(name) rows=\(rows) length=\(task.length) seed=\(task.seed)" }

  /// Rows drawn for the step.
  public func batch(_ step: Int) throws -> Batch { try Batch(task.examples(step: step, rows: rows), pad: 0) }

  /// All rows of all skills.
  public func evaluation() throws -> [Batch] { [try Batch(task.whole, pad: 0)] }

  /// Other rows of the same skills.
  public func reseeded(_ seed: Int) throws -> any BatchSource {
    AlphabetBatches(try AlphabetTask(skills: task.skills, length: task.length, seed: seed), rows: rows)
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
  /// With a digest of all examples.
  public let identity: String
  private let sampler: Sampler

  /// Batches of examples; throws when there are none to train on.
  public init(_ name: String, training: [Example], heldOut: [Example], rows: Int, filler: Int, seed: Int)
    throws
  {
    guard !training.isEmpty else {
      throw Failure("\(name) has no examples to train on.", cure: "Is the split right?")
    }
    self.name = name
    self.training = training
    self.heldOut = heldOut
    self.rows = min(rows, training.count)
    self.filler = filler
    sampler = Sampler(count: training.count, rows: self.rows, seed: seed)
    let digest = String(Self.digest(training) &+ 31 &* Self.digest(heldOut), radix: 16)
    identity = "\(name) rows=\(self.rows) filler=\(filler) seed=\(seed) examples=\(digest)"
  }

  /// FNV-1a over all tokens and labels.
  private static func digest(_ examples: [Example]) -> UInt64 {
    var sum: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ n: Int) { sum = (sum ^ UInt64(bitPattern: Int64(n))) &* 0x100_0000_01b3 }
    for example in examples {
      mix(example.ids.count)
      for id in example.ids { mix(id) }
      for label in example.labels { mix(label) }
      for slot in example.slots { mix(slot) }
    }
    return sum
  }

  /// Examples drawn for the step, padded on the left.
  public func batch(_ step: Int) throws -> Batch {
    try Batch(sampler.indices(step: step).map { training[$0] }, pad: filler)
  }

  /// The same examples in another order.
  public func reseeded(_ seed: Int) throws -> any BatchSource {
    try ExampleBatches(name, training: training, heldOut: heldOut, rows: rows, filler: filler, seed: seed)
  }

  /// Held-out examples in order, by length so that little is padded.
  public func evaluation() throws -> [Batch] {
    let sorted = heldOut.indices.sorted { (heldOut[$0].ids.count, $0) < (heldOut[$1].ids.count, $1) }
    return try stride(from: 0, to: sorted.count, by: 32).map { start in
      try Batch(sorted[start..<min(start + 32, sorted.count)].map { heldOut[$0] }, pad: filler)
    }
  }
}
