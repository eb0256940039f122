import Data
import Engine
import Formats
import Methods
import Networks
import Options
import Training

/// A subject out of a saved session: the model is built from what the file says of it, so neither its base's folder
/// nor an adapter's need be there any more.
struct LoadedSubject {
  let subject: Subject
  /// The line that set its data, with what the data was.
  let data: (line: String?, identity: String)?
  /// How far a step was begun.
  let phase: SubjectState.Phase
  /// The line that says what answers are worth; nil: there is none.
  let reward: String?
  private let fields: SavedFields
  private let tensors: LoadedTensors

  init(_ fields: SavedFields, _ tensors: LoadedTensors, _ session: Session) throws {
    (self.fields, self.tensors) = (fields, tensors)
    let model = try Self.model(fields, tensors, session)
    subject = Subject(
      try fields["name"].text(), model, try Self.tokenizer(fields["tokenizer"]),
      origin: try fields["origin"].text())
    data = try fields["data"].orNil.map { (try $0["line"].orNil?.text(), try $0["identity"].text()) }
    guard let phase = SubjectState.Phase(rawValue: try fields["begun"].text()) else {
      throw fields["begun"].wrong("how far a step was begun, such as forward")
    }
    self.phase = phase
    reward = try fields["trainer"]["reward"].orNil?.text()
    for attachment in try fields["attachments"].list() { try attach(attachment, session) }
    try subject.model.restore(record())
    subject.model.chance = try Self.chance(fields)
    try takeHooks()
    try takeTrainer()
    subject.lastEvaluation = try fields["evaluation"].orNil.map(Evaluation.init(saved:))
  }

  private static func chance(_ fields: SavedFields) throws -> Chance {
    guard let seed = UInt64(try fields["chance"].text()) else { throw fields["chance"].wrong("a seed") }
    return Chance(seed: seed)
  }

  // MARK: Model and words

  /// A model whose every parameter the file has: checked before memory is taken.
  private static func model(_ fields: SavedFields, _ tensors: LoadedTensors, _ session: Session) throws
    -> Model
  {
    let type = try fields["architecture"].text()
    guard let known = BaseForms.named(type) else {
      throw fields["architecture"].wrong("an architecture of this Graft")
    }
    guard let config = fields["config"].json.asObject else { throw fields["config"].wrong("an object") }
    let form = try known.init(config: BaseConfig(config, path: fields["config"].place))
    var values: [String: SavedFields] = [:]
    for parameter in try fields["parameters"].list() {
      values[try parameter["name"].text()] = parameter["value"]
    }
    var first: [String: Tensor] = [:], bytes = 0
    for (name, shape) in form.shapes {
      guard let field = values[name] else { throw fields["parameters"].wrong("a list with \(name)") }
      let tensor = try tensors.tensor(field)
      guard tensor.shape == shape else { throw field.wrong("a tensor of shape \(shape)") }
      first[name] = tensor
      bytes += 4 * tensor.count
    }
    try session.surroundings.check(bytes: bytes, for: "the session's model")
    return try form.model(chance: chance(fields)) { name, _ in first[name] }
  }

  private static func tokenizer(_ fields: SavedFields) throws -> any Tokenizer {
    if fields["none"].orNil != nil { return NoText() }
    if let n = fields["numbers"].orNil { return NumberTokenizer(try n.integer(in: 1...10_000_000)) }
    let tokenizer = try TokenizerFile.open(Array(try fields["file"].text().utf8), name: fields.place)
    guard var pipeline = tokenizer as? PipelineTokenizer else { return tokenizer }
    let range = 0...max(0, pipeline.vocabularySize - 1)
    pipeline.endOfText = try fields["end"].orNil?.integer(in: range)
    pipeline.pad = try fields["pad"].orNil?.integer(in: range)
    pipeline.beginning = try fields["begin"].orNil?.text()
    pipeline.chat = try fields["chat"].orNil?.text()
    return pipeline
  }

  // MARK: Attachments and numbers

  private func attach(_ fields: SavedFields, _ session: Session) throws {
    func make<M: TuningMethod>(_: M.Type) throws {
      var method = M(), placement = Attachment.Placement()
      for (name, value) in try fields["options"].members() {
        guard let option = OptionValue(value.json) else { throw value.wrong("an option's value") }
        if option != .text("") { try M.options.write([(name, option)], into: &method, of: M.card.name) }
      }
      placement.on = try fields["on"].texts()
      placement.layers = try fields["layers"].integers()
      placement.head = try fields["head"].orNil?.flag() ?? true
      let model = subject.model
      let added = method.count(at: try Attachment.sites(for: method, placement, in: model))
      try session.surroundings.check(bytes: 4 * added, for: "the session's \(M.card.name)")
      try Attachment(
        method, to: model, name: fields["name"].text(), placement: placement, originals: .packedBefore)
    }
    try make(Methods.named(fields["method"].text()))
  }

  private func record() throws -> ModelRecord {
    let entries = try fields["parameters"].list().map { field in
      let claims = try field["claims"].orNil?.list().map {
        ModelRecord.Claim(
          owner: try $0["owner"].text(), before: try tensors.tensor($0["before"]),
          folded: try $0["folded"].orNil.map(tensors.tensor))
      }
      return ModelRecord.Entry(
        name: try field["name"].text(), value: try tensors.tensor(field["value"]),
        pin: try field["pin"].orNil?.flag(),
        claims: claims ?? [], packing: try field["packing"].orNil.map(packing))
    }
    let switches = try fields["attachments"].list().map {
      ModelRecord.Switch(
        name: try $0["name"].text(), isOn: try $0["isOn"].flag(), isFolded: try $0["isFolded"].flag())
    }
    return ModelRecord(entries: entries, switches: switches)
  }

  private func packing(_ field: SavedFields) throws -> (owner: String?, original: Packing.Original) {
    let original = try field["original"].orNil.map(tensors.tensor)
    return (try field["owner"].orNil?.text(), original.map { .kept($0) } ?? .gone)
  }

  private func takeHooks() throws {
    for field in try fields["hooks"].list() {
      guard let site = subject.model.site(try field["site"].text()) else {
        throw field["site"].wrong("a site of the model")
      }
      let hook = Hook(site, factor: try field["factor"].float(), isBrief: try field["brief"].flag())
      hook.isOn = try field["on"].flag()
      subject.place(hook)
    }
  }

  // MARK: Training

  private func takeTrainer() throws {
    let saved = fields["trainer"]
    var state = TrainerState()
    state.optimiser = try optimiser(saved["optimizer"])
    state.step = try saved["step"].integer(in: 0...1 << 50)
    state.rate = try saved["rate"].orNil?.float()
    state.clip = try saved["clip"].float()
    state.accumulate = try saved["accumulate"].orNil?.integer(in: 1...1024) ?? 1
    if let field = saved["compute"].orNil {
      guard let compute = Compute(rawValue: try field.text()) else { throw field.wrong("f32 or bf16") }
      state.compute = compute
    }
    state.isCheckpointing = try saved["checkpointing"].orNil?.flag() ?? false
    for (name, value) in try saved["schedule"].members() {
      guard let option = OptionValue(value.json) else { throw value.wrong("an option's value") }
      try Schedule.options.write([(name, option)], into: &state.schedule, of: "schedule")
    }
    for loss in try tensors.numbers(saved["losses"]) { state.losses.append(loss) }
    state.moved = Set(try saved["moved"].texts())
    if let history = saved["gradients"].orNil {
      let names = try history["names"].texts(), norms = try tensors.numbers(history["norms"])
      for start in stride(
        from: 0, to: names.isEmpty ? 0 : norms.count / names.count * names.count, by: names.count)
      {
        state.gradients.append(zip(names, norms[start..<start + names.count]).map { (name: $0, norm: $1) })
      }
    }
    try takeObjective(saved, &state)
    for (field, parameter) in zip(try fields["parameters"].list(), subject.model.parameters) {
      guard let memory = field["memory"].orNil else { continue }
      let moments = try memory["tensors"].list().map(tensors.tensor)
      guard moments.allSatisfy({ $0.shape == parameter.shape }) else {
        throw memory.wrong("tensors of the parameter's shape")
      }
      state.memory[parameter.name] =
        OptimiserMemory(steps: try memory["steps"].integer(), tensors: moments).kept(for: parameter)
    }
    subject.trainer.state = state
  }

  private func takeObjective(_ saved: SavedFields, _ state: inout TrainerState) throws {
    func make<O: Objective>(_: O.Type, _ fields: SavedFields) throws -> any Objective {
      var objective = O()
      for (name, value) in try fields.members() where !name.isEmpty {
        guard let option = OptionValue(value.json) else { throw value.wrong("an option's value") }
        try O.options.write([(name, option)], into: &objective, of: O.card.name)
      }
      return objective
    }
    if let fields = saved["objective"].orNil {
      state.objective = try make(Objectives.named(fields[""].text()), fields)
    }
    for (name, value) in try saved["numbers"].orNil?.members() ?? [] {
      state.numbers[name] = try value.float()
    }
    for (name, value) in try saved["judged"].orNil?.members() ?? [] {
      state.judged.append(Figure(name, try value.float()))
    }
    var figures: [String: [Float]] = [:]
    for (name, value) in try saved["figures"].orNil?.members() ?? [] {
      figures[name] = try tensors.numbers(value)
    }
    state.figures = FigureHistory(count: state.losses.count, figures)
    for (name, field) in try saved["tensors"].orNil?.members() ?? [] {
      state.tensors[name] = try tensors.tensor(field["value"])
      guard let memory = field["memory"].orNil else { continue }
      let moments = try memory["tensors"].list().map(tensors.tensor)
      state.memory[name] = OptimiserMemory(steps: try memory["steps"].integer(), tensors: moments)
    }
  }

  private func optimiser(_ fields: SavedFields) throws -> any Optimiser {
    func make<O: Optimiser>(_: O.Type) throws -> any Optimiser {
      var optimiser = O()
      for (name, value) in try fields.members() where !name.isEmpty {
        guard let option = OptionValue(value.json) else { throw value.wrong("an option's value") }
        try O.options.write([(name, option)], into: &optimiser, of: O.card.name)
      }
      return optimiser
    }
    return try make(Optimisers.named(fields[""].text()))
  }
}
