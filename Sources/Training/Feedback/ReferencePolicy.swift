import Engine
import Networks
import Options

extension Model {
  /// Runs something with the reference policy: the same model with everything that trains switched off, so that no
  /// second copy is held. Throws where something trains that cannot be switched off.
  public func asReference<R>(_ body: () throws -> R) throws -> R {
    let training = attachments.filter { one in
      one.isOn && !one.isFolded
        && (one.parameters.contains(where: \.isTrainable)
          || directory.parameters.contains { one.claims($0) && $0.isTrainable })
    }
    let loose = directory.parameters.first { one in
      one.isTrainable && !training.contains { $0.claims(one) }
    }
    guard loose == nil, !training.isEmpty || attachments.contains(where: \.isOn) else {
      throw Failure(
        "there is no reference to measure from: \(loose?.name ?? "the base") trains in place.",
        cure: attachments.isEmpty ? "attach lora, or attach full" : "freeze \(loose?.name ?? "*")")
    }
    for one in training { one.isOn = false }
    defer { for one in training { one.isOn = true } }
    return try body()
  }
}

extension Pass {
  /// A run like this one that records nothing and draws no dropout.
  public func looking() -> Pass { Pass(chance: chance, step: step, isBase: isBase, interrupt: interrupt) }
}
