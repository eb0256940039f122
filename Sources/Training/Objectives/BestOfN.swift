import Data
import Engine
import Networks
import Options

/// Best of n: of n answers to a prompt the best is learnt as if it stood in the data (rejection sampling, RAFT).
///
///     loss = −mean log π(token) over the best answers        KL of best-of-n itself ≤ ln n − (n − 1)/n
///
/// Dong et al. 2023, arXiv:2304.06767; Beirami et al. 2024, arXiv:2401.01879 (the bound).
public struct BestOfN: Practice {
  /// How answers are drawn.
  public var drawing: Drawing = {
    var drawing = Drawing()
    drawing.samples = 8
    return drawing
  }()
  /// Updates on the same answers.
  public var epochs = 1
  /// What an answer that does not end loses.
  public var penalty: Float = 0

  /// What it says of itself.
  public static let card = Card(
    "best", "Draws n answers to a prompt and learns the best of them: best-of-n, made the model's own.",
    formula:
      "loss = −mean log π(token) over the best answers        KL of best-of-n itself ≤ ln n − (n − 1)/n",
    paper: "Dong et al. 2023, arXiv:2304.06767",
    use: "The plainest way from a reward to a policy; what any other trainer should beat.",
    examples: ["trainer best samples=8 prompt=4 tokens=12"])

  /// Its options.
  public static var options: [Option<BestOfN>] {
    Drawing.options.map { $0.lifted(\.drawing) } + [
      Option("epochs", \.epochs, "updates on the same answers", in: 1...100),
      Option("penalty", \.penalty, "what an answer that does not end loses", in: 0...1e6),
    ]
  }

  /// The best of eight.
  public init() {}

  /// KL is watched.
  public var wantsReference: Bool { true }
  /// No value head.
  public var wantsValues: Bool { false }

  /// 1 for the first best of each group, 0 for the others.
  public func weigh(_ e: inout Experience, _ state: TrainerState) throws {
    var weights = [Float](repeating: 0, count: e.rows), best: [Double] = []
    for start in stride(from: 0, to: e.rows, by: e.group) {
      let own = start..<start + e.group, most = e.scores[own].max() ?? 0
      best.append(Double(most))
      if let chosen = own.first(where: { e.scores[$0] == most }) { weights[chosen] = 1 }
    }
    e.advantages = try Tensor([e.rows, 1], weights)
    e.figures.append(Figure("best", Statistics.mean(best)))
  }

  /// The likelihood of the best answers.
  public func loss(_ model: Model, _ e: Experience, _ pass: Pass, _ head: ValueHead?) throws -> Loss {
    let now = try AnswerScores(model, e.batch, pass, temperature: drawing.temperature)
    let chosen = try e.mask * e.advantages
    return Loss(
      loss: try now.values.scaled(by: -1).meanWhere(chosen), each: now.each.map { -$0 }, places: now.places)
  }
}
