extension Tape {
  /// y = body(x) as one node that keeps x alone: on the way back the body runs once more, to have again what its own ops
  /// need. Chen et al. 2016, arXiv:1604.06174.
  ///
  ///     kept: x and y in place of all that the body made        back: body(x) again, then dx and dp from dy as ever
  ///
  /// The body gets the tape that its ops are recorded on and is called twice; where the second result differs in a bit
  /// from the first, going back throws. Other tensors of this tape that it reads get their gradients as x does.
  public func checkpointed(_ x: Tensor, _ body: @escaping (Tape, Tensor) throws -> Tensor) throws -> Tensor {
    let (tape, first) = try core.apart { try body($0, x) }
    let y = first.plain, inputs = tape.core.leafOrder.map(track)
    guard !inputs.isEmpty, first.isTracked else { return first }
    return try y.recorded("checkpoint", from: inputs) { [unowned core] dy in
      let profile = Profile.current
      return try profile?.inside(false) { try again(core, dy, profile) } ?? again(core, dy, nil)
    }
    func again(_ core: TapeCore, _ dy: Tensor, _ profile: Profile?) throws -> [Tensor?] {
      profile?.begin(.again)
      let (tape, second) = try core.apart { try body($0, x) }
      guard let top = second.origin, top.core === tape.core, second.isIdentical(to: y) else {
        throw EngineError.shapes(
          op: "checkpoint", "what was run again gave other numbers than before: something was changed since")
      }
      let found = try tape.core.walkBack(from: top.index, seed: dy, watched: [], interrupt: nil)
      return inputs.map { found[$0.plain] }
    }
  }

  /// Records on this tape, although a body runs apart just now: for what several bodies share.
  public func aside<R>(_ body: () throws -> R) rethrows -> R {
    let inner = core.inner
    core.inner = nil
    defer { core.inner = inner }
    return try body()
  }
}

extension TapeCore {
  /// Runs a body whose ops are recorded on a tape of their own.
  fileprivate func apart(_ body: (Tape) throws -> Tensor) rethrows -> (Tape, Tensor) {
    let tape = Tape(within: self)
    inner = tape.core
    defer { inner = nil }
    return (tape, try body(tape))
  }
}
