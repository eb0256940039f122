import Data
import Engine
import Networks
import Options

/// What a step makes smaller: a trainer's own idea, as one loss of a batch.
///
/// Data, optimiser, gradients and time are the `Trainer`'s. One file and one line in `Objectives.all`.
public protocol Objective: Sendable {
  /// With default options.
  init()
  /// What it says of itself.
  static var card: Card { get }
  /// Its options.
  static var options: [Option<Self>] { get }
  /// Throws, in words for whoever chose model and data, where it cannot learn from them.
  func check(_ model: Model, _ batch: Batch) throws
  /// The loss of a batch on the pass's tape, with the numbers that it is watched by. Part of the state may count: a
  /// value head, a coefficient; nothing of it is changed.
  func loss(_ model: Model, _ batch: Batch, _ pass: Pass, _ state: TrainerState) throws -> Loss
}

extension Objective {
  /// The name that is typed.
  public var name: String { Self.card.name }
  /// Name and options, as they are typed: objectives of equal text learn alike.
  public var text: String {
    ([Self.card.name] + Self.options.map { "\($0.name)=\($0.read(self))" }).joined(separator: " ")
  }
}

/// A number that training is watched by, under the name it has in formulas.
public struct Figure: Sendable, Equatable {
  /// The name: `reward`, `kl`.
  public let name: String
  /// The number.
  public let value: Double

  /// A number under its name.
  public init(_ name: String, _ value: Double) { (self.name, self.value) = (name, value) }
  /// A number under its name.
  public init(_ name: String, _ value: Float) { self.init(name, Double(value)) }
}

extension Model {
  /// Throws where a model does not answer at every position.
  func checkAnswersInWords(_ trainer: String) throws {
    guard network.answers == .positions else {
      throw Failure(
        "\(trainer) needs a model that goes on with text, and this one answers with classes.",
        cure: "gpt without classes makes one")
    }
  }
}
