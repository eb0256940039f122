import Engine
import Events
import Options
import Training

/// `optimizer`: which optimiser, with which options.
public struct OptimizerCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "optimizer", "Shows or chooses the optimizer; choosing one forgets the moments of the last.",
    formula: "accumulate=k: g = Σᵢ nᵢ·gᵢ / Σᵢ nᵢ over k batches, nᵢ the answers in batch i",
    examples: [
      "optimizer", "optimizer sgd momentum=0.9", "optimizer adamw decay=0.01", "optimizer accumulate=4",
      "optimizer compute=bf16", "optimizer checkpointing=yes",
    ],
    notes: [
      "accumulate=4 lets four batches make one step: the step of all their rows, in the memory of one batch.",
      "compute=bf16 rounds both factors of products with frozen weights to bfloat16 (eight bits) in training steps;",
      "sums, weights that train, evaluation and generation stay float32. With AVX512_BF16 steps take about half the",
      "time; elsewhere the numbers are the same up to rounding, and nothing is gained.",
      "checkpointing=yes keeps of each block only what it reads, and runs it once more on the way back: the same",
      "gradients in less memory (show memory) for about a third more time. Chen et al. 2016, arXiv:1604.06174.",
    ],
    changes: true)

  /// Batches that make a step; 0: as it is.
  public var accumulate = 0
  /// What products with frozen weights are computed in.
  public enum Products: String, CaseIterable { case kept, f32, bf16 }
  /// What they are computed in from now on; `kept`: as it is.
  public var compute = Products.kept
  /// Whether blocks are run again on the way back instead of being kept.
  public enum Checkpointing: String, CaseIterable { case kept, no, yes }
  /// Whether they are from now on; `kept`: as it is.
  public var checkpointing = Checkpointing.kept
  /// What was typed.
  public var call = Call()
  /// Its own options.
  public static var options: [Option<OptimizerCommand>] {
    [
      Option("accumulate", \.accumulate, "batches that make one step; 0 leaves it", in: 0...1024),
      Option("compute", \.compute, "what a step's products with frozen weights are computed in"),
      Option(
        "checkpointing", \.checkpointing, "whether blocks run again on the way back instead of being kept"),
    ]
  }
  /// The optimiser.
  public static var takes: Takes {
    Takes("[NAME]", 0...1, takesFurther: true) { _, _ in Optimisers.all.map { $0.card.name } }
  }
  /// The optimiser's options.
  public static func further(_ words: [String], _ session: Session) -> [OptionFacts] {
    guard let name = words.first, let found = try? Optimisers.named(name) else { return [] }
    func facts<O: Optimiser>(_: O.Type) -> [OptionFacts] { O.options.map { $0.facts(O()) } }
    return facts(found)
  }

  /// As it is.
  public init() {}

  /// Chooses and shows it.
  public func run(_ session: Session) throws -> Done {
    let trainer = try session.current().trainer
    func make<O: Optimiser>(_: O.Type) throws -> any Optimiser {
      var optimiser = O()
      try O.options.write(call.further, into: &optimiser, of: O.card.name)
      return optimiser
    }
    if let name = call.text(0) {
      do {
        let chosen = try make(Optimisers.named(name))
        trainer.adjust { state in
          state.optimiser = chosen
          state.memory = [:]
        }
      } catch let failure as Failure { throw failure.at(call.places.first) }
    }
    if accumulate > 0 { trainer.state.accumulate = accumulate }  // what was begun was begun on other batches
    if let compute = Compute(rawValue: compute.rawValue) { trainer.adjust { $0.compute = compute } }
    if checkpointing != .kept { trainer.adjust { $0.isCheckpointing = checkpointing == .yes } }
    func show<O: Optimiser>(_ optimiser: O) -> String {
      ([O.card.name] + O.options.map { "\($0.name)=\($0.read(optimiser))" }).joined(separator: " ")
    }
    let several = trainer.state.accumulate
    session.say(
      StyledText(
        show(trainer.state.optimiser) + (several > 1 ? "   \(several) batches a step" : "")
          + (trainer.state.compute == .f32 ? "" : "   frozen weights multiply in bf16")
          + (trainer.state.isCheckpointing ? "   blocks run again on the way back" : "")))
    let isAsked = call.words.isEmpty && accumulate == 0 && compute == .kept && checkpointing == .kept
    return isAsked ? .unrecorded : Done()
  }
}
