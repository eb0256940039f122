/// A regular expression as it was read, before it becomes the steps of a machine.
indirect enum ScalarPatternTree {
  case set(ScalarTest, ScalarSet)
  case place(ScalarPattern.Step)
  case sequence([ScalarPatternTree])
  case either([ScalarPatternTree])
  case repeated(ScalarPatternTree, least: Int, most: Int, mode: Mode)
  case look(ScalarPatternTree, ahead: Bool, isThere: Bool)
  case atomic(ScalarPatternTree)

  enum Mode { case greedy, lazy, possessive }

  /// Why a tree cannot become steps.
  struct Fault: Error { let why: String }

  private typealias Step = ScalarPattern.Step

  /// Whether it may match without taking a letter.
  var mayBeEmpty: Bool {
    switch self {
    case .set: return false
    case .place, .look: return true
    case .sequence(let parts): return parts.allSatisfy(\.mayBeEmpty)
    case .either(let choices): return choices.contains(where: \.mayBeEmpty)
    case .repeated(let part, let least, _, _): return least == 0 || part.mayBeEmpty
    case .atomic(let part): return part.mayBeEmpty
    }
  }

  /// The machine's steps, the last of which is a match.
  func steps() throws -> [ScalarPattern.Step] {
    var steps: [Step] = []
    try emit(self, &steps)
    return steps + [.match]
  }

  private func emit(_ tree: ScalarPatternTree, _ steps: inout [Step]) throws {
    guard steps.count < 20_000 else { throw Fault(why: "its repetitions are too many") }
    switch tree {
    case .set(let test, _): steps.append(.one(test))
    case .place(let step): steps.append(step)
    case .sequence(let parts): for part in parts { try emit(part, &steps) }
    case .either(let choices): try emitChoices(choices, &steps)
    case .look(let inner, true, let isThere):
      let place = steps.count
      steps.append(.match)
      try emit(inner, &steps)
      steps.append(.match)
      steps[place] = .look(end: steps.count, isThere: isThere)
    case .look(let inner, false, let isThere):
      guard case .sequence(let parts) = inner, parts.count == 1, case .set(let test, _) = parts[0] else {
        throw Fault(why: "it looks back further than one letter")
      }
      steps.append(.behind(test, isThere: isThere))
    case .atomic(let inner):
      let place = steps.count
      steps.append(.match)
      try emit(inner, &steps)
      steps.append(.match)
      steps[place] = .atomic(end: steps.count)
    case .repeated(let part, let least, let most, let mode): try emitRepeated(part, least, most, mode, &steps)
    }
  }

  private func emitChoices(_ choices: [ScalarPatternTree], _ steps: inout [Step]) throws {
    var jumps: [Int] = []
    for (i, choice) in choices.enumerated() {
      guard i + 1 < choices.count else {
        try emit(choice, &steps)
        break
      }
      let fork = steps.count
      steps.append(.match)
      try emit(choice, &steps)
      jumps.append(steps.count)
      steps.append(.match)
      steps[fork] = .split(fork + 1, steps.count)
    }
    for jump in jumps { steps[jump] = .jump(steps.count) }
  }

  private func emitRepeated(
    _ part: ScalarPatternTree, _ least: Int, _ most: Int, _ mode: Mode, _ steps: inout [Step]
  )
    throws
  {
    if mode != .lazy, let test = Self.single(part) {
      steps.append(.run(test, least: least, most: most, isPossessive: mode == .possessive))
      return
    }
    if mode == .possessive {
      return try emit(.atomic(.repeated(part, least: least, most: most, mode: .greedy)), &steps)
    }
    func fork(_ place: Int, _ past: Int) -> Step {
      mode == .lazy ? .split(past, place + 1) : .split(place + 1, past)
    }
    for _ in 0..<least { try emit(part, &steps) }
    if most == .max {
      let place = steps.count
      steps.append(.match)
      try emit(part, &steps)
      steps.append(.jump(place))
      steps[place] = fork(place, steps.count)
    } else {
      var places: [Int] = []
      for _ in least..<max(least, most) {
        places.append(steps.count)
        steps.append(.match)
        try emit(part, &steps)
      }
      for place in places { steps[place] = fork(place, steps.count) }
    }
  }

  /// The set of a tree that is one set.
  private static func single(_ tree: ScalarPatternTree) -> ScalarTest? {
    switch tree {
    case .set(let test, _): return test
    case .sequence(let parts) where parts.count == 1: return single(parts[0])
    default: return nil
    }
  }
}
