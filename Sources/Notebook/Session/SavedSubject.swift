import Data
import Engine
import FileSystem
import Formats
import Methods
import Networks
import Options
import Training

extension Subject {
  /// As it stands in a saved session: what the model is made of, every number, and where training stands.
  func saved(_ tensors: inout SavedTensors) throws -> JSON {
    guard !model.isBlank else { throw Model.isBlankFailure("save") }
    guard let form = BaseForms.named(model.architecture.type) else {
      throw Failure("a session cannot hold models of the architecture \(model.architecture.type) yet.")
    }
    var fields: JSON.Object = [
      "name": .string(name), "origin": .string(origin), "architecture": .string(model.architecture.type),
      "config": .object(form.config(of: model)), "chance": .string(String(model.chance.seed)),
      "tokenizer": savedTokenizer, "attachments": .array(model.attachments.map(\.saved)),
      "parameters": try savedParameters(&tensors), "trainer": savedTrainer(&tensors),
      "begun": .string(phase.rawValue),
    ]
    fields["data"] = source.map {
      ["line": sourceLine.map { .string($0) } ?? .null, "identity": .string($0.identity)]
    }
    fields["hooks"] = .array(
      hooks.map {
        [
          "site": .string($0.site.name), "factor": .exact($0.factor), "on": .bool($0.isOn),
          "brief": .bool($0.isBrief),
        ]
      })
    fields["evaluation"] = lastEvaluation?.saved
    return .object(fields)
  }

  private var savedTokenizer: JSON {
    guard model.network.reads == .tokens else { return ["none": true] }
    guard let file = TokenizerFile.text(of: tokenizer) else {
      return ["numbers": .integer(tokenizer.vocabularySize)]
    }
    var fields: JSON.Object = ["file": .string(file)]
    fields["end"] = tokenizer.endOfText.map { .integer($0) }
    fields["pad"] = tokenizer.pad.map { .integer($0) }
    if let pipeline = tokenizer as? PipelineTokenizer {
      fields["begin"] = pipeline.beginning.map { .string($0) }
      fields["chat"] = pipeline.chat.map { .string($0) }
    }
    return .object(fields)
  }

  private func savedParameters(_ tensors: inout SavedTensors) throws -> JSON {
    var list: [JSON] = []
    for (entry, parameter) in zip(model.record.entries, model.parameters) {
      let full = "\(name).\(entry.name)"
      var fields: JSON.Object = [
        "name": .string(entry.name), "shape": .array(entry.value.shape.map { .integer($0) }),
        "value": tensors.name(entry.value.plain, full),
      ]
      fields["pin"] = entry.pin.map { .bool($0) }
      var claims: [JSON] = []
      for claim in entry.claims {
        var one: JSON.Object = [
          "owner": .string(claim.owner), "before": tensors.name(claim.before.plain, full + ".before"),
        ]
        if let folded = claim.folded { one["folded"] = tensors.name(folded.plain, full + ".folded") }
        claims.append(.object(one))
      }
      if let (owner, original) = entry.packing {
        var packing = JSON.Object()
        packing["owner"] = owner.map { .string($0) }
        if case .gone = original {
        } else {
          packing["original"] = tensors.name(try original.tensor(entry.name).plain, full + ".original")
        }
        fields["packing"] = .object(packing)
      }
      if !claims.isEmpty { fields["claims"] = .array(claims) }
      if let memory = trainer.state.memory[entry.name]?.of(parameter) {
        var moments: [JSON] = []
        for tensor in memory.tensors { moments.append(tensors.name(tensor.plain, full + ".moment")) }
        fields["memory"] = ["steps": .integer(memory.steps), "tensors": .array(moments)]
      }
      list.append(.object(fields))
    }
    return .array(list)
  }

  private func savedTrainer(_ tensors: inout SavedTensors) -> JSON {
    func options<O: Optimiser>(_ optimiser: O) -> JSON {
      .object(
        JSON.Object([("", .string(O.card.name))] + O.options.map { ($0.name, JSON($0.read(optimiser))) }))
    }
    let state = trainer.state, shape = state.schedule
    var fields: JSON.Object = [
      "step": .integer(state.step), "optimizer": options(state.optimiser), "clip": .exact(state.clip),
      "schedule": .object(JSON.Object(Schedule.options.map { ($0.name, JSON($0.read(shape))) })),
      "losses": tensors.name(state.losses.values, "\(name).losses"),
      "moved": .array(state.moved.sorted().map { .string($0) }),
    ]
    if state.compute != .f32 { fields["compute"] = .string(state.compute.rawValue) }
    if state.isCheckpointing { fields["checkpointing"] = .bool(true) }
    if state.accumulate > 1 { fields["accumulate"] = .integer(state.accumulate) }
    fields["rate"] = state.rate.map { .exact($0) }
    func own<O: Objective>(_ objective: O) -> JSON {
      .object(
        JSON.Object([("", .string(O.card.name))] + O.options.map { ($0.name, JSON($0.read(objective))) }))
    }
    fields["objective"] = own(state.objective)
    fields["reward"] = state.reward.map { .string($0.line) }
    fields["numbers"] = .object(
      JSON.Object(state.numbers.sorted { $0.key < $1.key }.map { ($0.key, .exact($0.value)) }))
    var figures: [(String, JSON)] = [], heads: [(String, JSON)] = []
    for figure in state.figures.names {
      figures.append((figure, tensors.name(state.figures.values(of: figure), "\(name).figures.\(figure)")))
    }
    for (title, tensor) in state.tensors.sorted(by: { $0.key < $1.key }) {
      var one: JSON.Object = ["value": tensors.name(tensor.plain, "\(name).\(title)")]
      if let memory = state.memory[title] {
        var moments: [JSON] = []
        for moment in memory.tensors { moments.append(tensors.name(moment.plain, "\(name).\(title).moment")) }
        one["memory"] = ["steps": .integer(memory.steps), "tensors": .array(moments)]
      }
      heads.append((title, .object(one)))
    }
    fields["figures"] = .object(JSON.Object(figures))
    fields["judged"] = .object(JSON.Object(state.judged.map { ($0.name, .exact(Float($0.value))) }))
    fields["tensors"] = .object(JSON.Object(heads))
    let history = state.gradients
    if let first = history.steps.first, !first.isEmpty {
      fields["gradients"] = [
        "names": .array(history.names.map { .string($0) }),
        "norms": tensors.name(history.steps.flatMap { $0 }, "\(name).gradients"),
      ]
    }
    return .object(fields)
  }
}

extension Attachment {
  /// As it stands in a saved session.
  fileprivate var saved: JSON {
    func options<M: TuningMethod>(_ method: M) -> JSON {
      .object(JSON.Object(M.options.map { ($0.name, JSON($0.read(method))) }))
    }
    func name<M: TuningMethod>(_: M) -> String { M.card.name }
    return [
      "name": .string(self.name), "method": .string(name(method)), "options": options(method),
      "on": .array(placement.on.map { .string($0) }), "layers": .array(placement.layers.map { .integer($0) }),
      "head": .bool(placement.head), "isOn": .bool(isOn), "isFolded": .bool(isFolded),
    ]
  }
}
