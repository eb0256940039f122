import Data
import Engine
import Networks

/// What a model gives to the tokens that count of each row, side by side.
public struct AnswerScores {
  /// log p of each token, [rows, longest], on the pass's tape; 0 behind a row's last.
  public let values: Tensor
  /// How many tokens count in each row.
  public let lengths: [Int]
  /// Row and column (of the batch) of each token's prediction, row after row.
  public let places: [(row: Int, column: Int)]
  /// The mean entropy of the predictions in nats; 0 where it was not asked for.
  public let entropy: Double
  /// The states that a value head reads, [rows·longest, width]: before each token, and once more behind a row's last;
  /// places beyond repeat it. nil where they were not asked for.
  public let states: Tensor?

  /// How many tokens count in all.
  public var counted: Int { places.count }
  /// Tokens of the longest row.
  public var longest: Int { values.shape[1] }
  /// log p of each token, in the order of `places`.
  public var each: [Float] {
    let all = values.scalars, width = longest
    return lengths.indices.flatMap { row in all[row * width..<row * width + lengths[row]] }
  }

  /// 1 for tokens that count, 0 behind a row's last, [rows, longest].
  public var mask: Tensor { get throws { try Self.mask(lengths, longest) } }

  /// 1 for the first so many of each row.
  static func mask(_ lengths: [Int], _ longest: Int) throws -> Tensor {
    try Tensor([lengths.count, longest], lengths.flatMap { n in (0..<longest).map { $0 < n ? 1 : 0 } })
  }

  /// Runs the model; logits are divided by the temperature.
  public init(
    _ model: Model, _ batch: Batch, _ pass: Pass, temperature: Float = 1, wantsEntropy: Bool = false,
    wantsStates: Bool = false
  ) throws {
    pass.documents = batch.documents
    let hidden = try model.network.hidden(Input(batch), pass)
    let time = hidden.states.shape[1], width = hidden.states.width
    var rows: [Int] = [], labels: [Int32] = [], places: [(row: Int, column: Int)] = [], after: [Int] = []
    var lengths = [Int](repeating: 0, count: batch.rows)
    for row in 0..<batch.rows {
      var last = row * time
      for (column, place) in hidden.nextPlaces(row) where batch.targets[row][column] >= 0 {
        labels.append(Int32(batch.targets[row][column]))
        rows.append(row * time + place)
        places.append((row, column))
        lengths[row] += 1
        last = row * time + min(place + 1, time - 1)
      }
      after.append(last)
    }
    let longest = max(1, lengths.max() ?? 1)
    let states = try hidden.states.reshaped([batch.rows * time, width])
    var logits = try model.network.logits(states.gather(rows), pass)
    if temperature != 1 { logits = try logits.scaled(by: 1 / temperature) }
    let scores = try logits.logProbabilities(of: labels)
    // The last row of the table is the 0 that stands behind short rows.
    let table = try Tensor.concat([scores.reshaped([rows.count, 1]), Tensor.zeros([1, 1])], axis: 0)
    let starts = lengths.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
    let grid = lengths.indices.flatMap { row in
      (0..<longest).map { $0 < lengths[row] ? starts[row] + $0 : rows.count }
    }
    values = try table.gather(grid).reshaped([batch.rows, longest])
    (self.lengths, self.places) = (lengths, places)
    entropy = wantsEntropy ? try Self.entropy(logits.plain) : 0
    self.states =
      !wantsStates
      ? nil
      : try states.gather(
        lengths.indices.flatMap { row in
          (0..<longest).map { $0 < lengths[row] ? rows[starts[row] + $0] : after[row] }
        })
  }

  /// −Σ p·log p, the mean over rows.
  private static func entropy(_ logits: Tensor) throws -> Double {
    guard logits.rows > 0 else { return 0 }
    let p = try logits.softmax(), log = try logits.logSoftmax()
    return -Double(try (p * log).sum().item) / Double(logits.rows)
  }
}
