import Data
import Engine
import Networks
import Options
import Training

extension Session {
  /// A hash over models, attachments, optimisers, chance, data positions and bindings; not over the tape.
  ///
  /// Sessions of equal hash go on alike, bit for bit.
  public func hash() -> String {
    var sum = StateHash()
    sum.mix("session \(seed)")
    for subject in subjects { sum.mix(subject) }
    for (name, value) in bindings.sorted(by: { $0.key < $1.key }) {
      sum.mix("let " + name)
      sum.mix(value)
    }
    return sum.digits
  }
}

/// A sum over texts and tensors, each mixed into what came before.
private struct StateHash {
  private var sum: UInt64 = 0

  /// Sixteen hexadecimal digits.
  var digits: String {
    let digits = String(sum, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  mutating func mix(_ text: String) { sum = Chance.stream("\(sum) " + text) }

  mutating func mix(_ tensor: Tensor) { sum = tensor.hash(sum) }

  mutating func mix(_ value: Value) {
    switch value {
    case .number(let x): mix("number \(x)")
    case .text(let text): mix("text " + text)
    case .flag(let on): mix("flag \(on)")
    case .tensor(let tensor, _): mix(tensor)
    case .model(let subject, let isBase): mix("model \(subject.name) \(isBase)")
    case .list(let values):
      mix("list \(values.count)")
      for value in values { mix(value) }
    }
  }

  mutating func mix(_ subject: Subject) {
    let model = subject.model, state = subject.trainer.state
    mix("model \(subject.name) \(subject.origin) \(model.chance.seed)")
    for attachment in model.attachments {
      mix("\(attachment.name) \(attachment.isOn) \(attachment.isFolded) \(attachment.settings)")
    }
    for hook in subject.hooks { mix("hook \(hook.site.name) \(hook.factor) \(hook.isOn)") }
    for parameter in model.parameters {
      mix(parameter.name + (parameter.isTrainable ? "+" : "-"))
      mix(parameter.value)
      guard let memory = state.memory[parameter.name]?.of(parameter) else { continue }
      mix("memory \(memory.steps)")
      for tensor in memory.tensors { mix(tensor) }
    }
    mix("\(state.step) \(state.optimiser) \(state.rate ?? -1) \(state.schedule) \(state.clip)")
    if state.compute != .f32 { mix("compute \(state.compute.rawValue)") }
    if state.isCheckpointing { mix("checkpointing") }
    if state.accumulate > 1 { mix("accumulate \(state.accumulate)") }
    mix(subject.source?.identity ?? "no data")
    mix("\(state.objective.text) \(state.reward?.line ?? "no reward")")
    for (name, number) in state.numbers.sorted(by: { $0.key < $1.key }) { mix("\(name) \(number)") }
    for (name, tensor) in state.tensors.sorted(by: { $0.key < $1.key }) {
      mix(name)
      mix(tensor)
      guard let memory = state.memory[name] else { continue }
      mix("memory \(memory.steps)")
      for tensor in memory.tensors { mix(tensor) }
    }
  }
}

extension Attachment {
  /// The method's name with all its options.
  fileprivate var settings: String {
    func text<M: TuningMethod>(_ method: M) -> String {
      ([M.card.name] + M.options.map { "\($0.name)=\($0.read(method))" }).joined(separator: " ")
    }
    return text(method)
  }
}
