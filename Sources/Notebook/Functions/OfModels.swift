import Data
import Engine
import Networks
import Options
import Training

extension Functions {
  /// What a model says and holds.
  static var ofModels: [Function] {
    [
      Function("loss(@m)", "The loss on the batch that the next step will use, in nats.", 0...1) { call in
        let (subject, isBase) = try call.model()
        return .number(Double(try subject.loss(Pass(isBase: isBase)).loss.item))
      },
      Function("acc(@m)", "The share of targets of that batch that are the most probable token.", 0...1) {
        call in
        let (subject, isBase) = try call.model()
        return .number(try Evaluation(subject.model, [subject.batch()], isBase: isBase).accuracy)
      },
      Function(
        "logits(@m, \"text\")",
        "Scores on the batch or on a text: of every token [rows, time, vocabulary], or of classes [rows, classes].",
        0...2
      ) { call in
        let (subject, isBase) = try call.model()
        return .tensor(try subject.model.logits(input(call, subject), Pass(isBase: isBase)), nil)
      },
      Function(
        "top(\"text\", @m)",
        "The probabilities of the next token after a text, or of its class, as a row.", 1...2
      ) { call in
        let (subject, isBase) = try call.model(1)
        return .tensor(try nextProbabilities(subject, call.text(0), isBase: isBase), nil)
      },
      Function("trainable(@m)", "How many numbers training moves.", 0...1) { call in
        .number(Double(try call.model().subject.model.trainableCount))
      },
      Function("params(@m)", "How many numbers there are: of @m with attachments, of @m.base without.", 0...1)
      { call in
        let (subject, isBase) = try call.model()
        return .number(Double(isBase ? subject.model.baseCount : subject.model.count))
      },
      Function("saved(@m)", "How many numbers saving the attachments would write.", 0...1) { call in
        let model = try call.model().subject.model
        let parameters = model.attachments.flatMap { one in
          one.parameters.filter { !$0.isFixed } + model.directory.parameters.filter(one.claims)
        }
        return .number(Double(parameters.reduce(0) { $0 + $1.count }))
      },
      Function("moved(@m)", "The names of the tensors that training has moved.", 0...1) { call in
        let subject = try call.model().subject, moved = subject.trainer.state.moved
        return .list(subject.model.parameters.map(\.name).filter(moved.contains).map { .text($0) })
      },
      Function("bits(@m)", "Bits a number of the base takes in memory, on average.", 0...1) { call in
        let parameters = try call.model().subject.model.directory.parameters
        let bytes = parameters.reduce(0) { $0 + $1.value.storage.numberBytes }
        return .number(8 * Double(bytes) / Double(max(1, parameters.reduce(0) { $0 + $1.count })))
      },
      Function(
        "hash()",
        "A hash over models, optimisers, chance, data positions and bindings: equal state, equal hash.", 0...0
      ) {
        .text($0.session.hash())
      },
      Function("optimizer()", "The name of the optimizer.", 0...0) { call in
        func name<O: Optimiser>(_: O) -> String { O.card.name }
        return .text(name(try call.session.current().trainer.state.optimiser))
      },
      Function("step()", "How many training steps were made.", 0...0) {
        .number(Double(try $0.session.current().trainer.state.step))
      },
    ]
  }

  private static func input(_ call: FunctionCall, _ subject: Subject) throws -> Input {
    if call.arguments.count > 1 { return Input([try subject.tokens(call.text(1))]) }
    return Input(try subject.batch())
  }

  static func nextProbabilities(_ subject: Subject, _ text: String, isBase: Bool) throws -> Tensor {
    guard !text.isEmpty else {
      throw Failure("there is no text to go on from.", cure: "Give at least one letter: top \"e\"")
    }
    return try nextProbabilities(subject, Input([try subject.tokens(text)]), isBase: isBase)
  }

  static func nextProbabilities(_ subject: Subject, _ input: Input, isBase: Bool) throws -> Tensor {
    let model = subject.model, pass = Pass(isBase: isBase)
    let logits =
      try model.network.answers == .rows ? model.logits(input, pass) : model.nextLogits(input, pass)
    return try logits.reshaped([logits.width]).softmax()
  }
}
