import Data
import Engine
import Options
import Training

extension Functions {
  /// The numbers that alignment is watched by, each of the last step under its own name.
  static var ofFeedback: [Function] {
    names.map { name, sentence in
      Function("\(name)()", sentence, 0...0) { try figure(name, $0.session) }
    } + [
      Function("figure(\"name\")", "A number of the last step by its name; all steps: plot name.") {
        try figure($0.text(0), $0.session)
      },
      Function(
        "bt(chosen, rejected)", "Bradley and Terry's loss of scores: the mean of −ln σ(chosen − rejected).",
        2...2
      ) {
        let d = try $0.tensor(0) - $0.tensor(1)
        return .number(-Double(try d.logSigmoid().mean().item))
      },
      Function("worth(\"text\")", "What each single token is worth as an answer to a text, as a row.") {
        call in
        let subject = try call.session.current(), text = try call.text(0)
        guard let reward = subject.trainer.state.reward else {
          throw Failure("no reward is set.", cure: "reward letters aeiou")
        }
        let answers = (0..<subject.tokenizer.vocabularySize).map {
          Answer(tokens: [$0], question: text, text: subject.tokenizer.decode([$0]))
        }
        return .tensor(try Tensor([answers.count], reward.scores(answers)), nil)
      },
      Function(
        "kls(\"k1\")", "KL from the reference by an estimator, of each answer of the step that was begun."
      ) { call in
        let subject = try call.session.current(), name = try call.text(0)
        guard let kind = KL(rawValue: name) else {
          throw unknown("estimator", name, among: KL.allCases.map(\.rawValue))
        }
        guard let experience = subject.trainer.experience(of: subject.model) else {
          throw Failure("no answers were drawn yet.", cure: "rollout draws them")
        }
        return .tensor(try Tensor([experience.rows], kind.each(experience)), nil)
      },
      Function(
        "embedding(\"text\", @m)", "A text as a vector of length 1: the mean of the model's states over it.",
        1...2
      ) { call in
        let subject = call.arguments.count > 1 ? try call.model(1).subject : try call.session.current()
        let vector = try subject.embeddings([call.text(0)])
        return .tensor(try vector.reshaped([vector.shape[1]]), nil)
      },
      Function("mask()", "1 where a token of the next batch carries loss, else 0: [rows, columns].", 0...0) {
        let batch = try $0.session.current().batch()
        let numbers = batch.labels.flatMap { $0.map { $0 == Example.ignored ? Float(0) : 1 } }
        return .tensor(try Tensor([batch.rows, batch.columns], numbers), nil)
      },
    ]
  }

  private static let names: [(String, String)] = [
    ("reward", "The mean worth of the model's own answers."),
    ("spread", "The deviation of that worth over the answers of a step."),
    ("same", "The share of the answers of a step that are the commonest one."),
    ("truth", "Their mean true worth, where the toy knows it."),
    ("objective", "Reward less the price of KL: what is really made larger."),
    ("k1", "KL from the reference by k1 = d: it may be negative for a sample."),
    ("k2", "KL from the reference by k2 = d²/2."),
    ("k3", "KL from the reference by k3 = e^−d − 1 + d: never negative."),
    ("coefficient", "The price of KL in force."),
    ("ratio", "The mean of π/π_old at the last update."),
    ("clipped", "The share of tokens whose ratio was clipped."),
    ("explained", "1 − var(returns − values)/var(returns): how much the value head foresaw."),
    ("accuracy", "The share of pairs of the last step that are in the right order."),
    ("margin", "The mean difference of the two scores of a pair."),
    ("agreement", "How often a judge, asked once, chose as people did: see judge."),
    ("consistent", "How often a judge says the same in both orders."),
    ("first", "How often what is shown first wins with a judge."),
    ("steady", "How often a judge chose as people did, where it says the same in both orders."),
    ("swapped", "How often a judge, asked in both orders, chose as people did."),
    ("length", "The mean length of the model's own answers, in tokens."),
  ]

  /// A number of the last step.
  static func figure(_ name: String, _ session: Session) throws -> Value {
    let state = try session.current().trainer.state
    if let found = state.judged.first(where: { $0.name == name }) { return .number(found.value) }
    let names = state.figures.names
    guard let value = state.figures.last(name) else {
      // Before the first step there is none yet: a watch may wait for it.
      guard names.isEmpty else { throw unknown("number of the trainer", name, among: names) }
      return .number(.nan)
    }
    return .number(Double(shortest: value))
  }
}
