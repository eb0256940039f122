import Data
import Options

/// Batches of pictures, each with a class, drawn once an epoch in an order drawn for the epoch.
public struct PictureBatches: BatchSource {
  /// Pictures and the class of each.
  public struct Set: Sendable {
    /// The pictures.
    public var pictures: Pictures
    /// Their classes, as many.
    public var choices: [Int]

    /// Pictures with their classes.
    public init(_ pictures: Pictures, choices: [Int]) { (self.pictures, self.choices) = (pictures, choices) }
  }

  /// What it is.
  public let name: String
  /// What is learnt from.
  public let training: Set
  /// What choices are made by; may be empty.
  public let validation: Set
  /// What is measured on.
  public let heldOut: Set
  /// The classes in words.
  public let labels: [String]
  /// Rows a batch.
  public let rows: Int
  /// With a digest of all numbers.
  public let identity: String
  private let sampler: Sampler
  private let seed: Int
  private let digest: String

  /// Batches of two sets; throws where there is nothing to learn from, or a class that has no word.
  public init(
    _ name: String, training: Set, validation: Set? = nil, heldOut: Set, labels: [String], rows: Int,
    seed: Int,
    digest: String? = nil
  ) throws {
    let validation = validation ?? Set(training.pictures.picked([]), choices: [])
    guard training.pictures.count > 0 else {
      throw Failure("\(name) has no pictures to learn from.", cure: "Is the split right?")
    }
    for set in [training, validation, heldOut] {
      guard set.pictures.count == set.choices.count else {
        throw Failure("\(name) has \(set.pictures.count) pictures and \(set.choices.count) classes for them.")
      }
      if let wrong = set.choices.first(where: { !labels.indices.contains($0) }) {
        throw Failure("\(name) has the class \(wrong), and words for 0 to \(labels.count - 1) only.")
      }
    }
    (self.name, self.training, self.validation, self.heldOut) = (name, training, validation, heldOut)
    self.labels = labels
    self.rows = max(1, min(rows, training.pictures.count))
    self.seed = seed
    sampler = Sampler(count: training.pictures.count, rows: self.rows, seed: seed)
    self.digest = digest ?? Self.digest([training, validation, heldOut])
    let fit =
      training.pictures.fit.map { " fit=\($0.channels)×\($0.height)×\($0.width) \($0.norms.name)" } ?? ""
    identity = "\(name) rows=\(self.rows) seed=\(seed) pictures=\(self.digest)\(fit)"
  }

  /// FNV-1a over all pixels and classes, as they are kept.
  private static func digest(_ sets: [Set]) -> String {
    var sum: UInt64 = 0xcbf2_9ce4_8422_2325
    for set in sets {
      for x in set.pictures.plain.values { sum = (sum ^ UInt64(x.bitPattern)) &* 0x100_0000_01b3 }
      for choice in set.choices { sum = (sum ^ UInt64(bitPattern: Int64(choice))) &* 0x100_0000_01b3 }
    }
    return String(sum, radix: 16)
  }

  /// By the sampler.
  public var epoch: Double? { sampler.epoch }

  /// Pictures drawn for the step.
  public func batch(_ step: Int) throws -> Batch { try Self.batch(training, sampler.indices(step: step)) }

  /// All pictures that are held out, in order.
  public func evaluation() throws -> [Batch] { try evaluation(.heldout) }

  /// All pictures of a part, in order.
  public func evaluation(_ part: LabelledBatches.Part) throws -> [Batch] {
    let set = part == .train ? training : part == .validation ? validation : heldOut
    return try stride(from: 0, to: set.pictures.count, by: 64).map { start in
      try Self.batch(set, Array(start..<min(start + 64, set.pictures.count)))
    }
  }

  /// The pictures of a step, before they are made to fit.
  public func seen(_ step: Int) throws -> (pictures: Pictures, choices: [Int?])? {
    let places = sampler.indices(step: step)
    return (training.pictures.picked(places).plain, places.map { training.choices[$0] })
  }

  private static func batch(_ set: Set, _ places: [Int]) throws -> Batch {
    try Batch(set.pictures.picked(places), choices: places.map { set.choices[$0] })
  }

  /// The same pictures in another order.
  public func reseeded(_ seed: Int) throws -> any BatchSource {
    try PictureBatches(
      name, training: training, validation: validation, heldOut: heldOut, labels: labels, rows: rows,
      seed: seed,
      digest: digest)
  }
}
