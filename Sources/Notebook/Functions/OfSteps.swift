import Engine
import Options

extension Functions {
  /// What the next training step costs; it is tried out, and nothing moves.
  static var ofSteps: [Function] {
    [
      Function(
        "flops(\"back\")",
        "Floating-point operations of the next step's products and attention: all, or \"forward\", \"back\", \"again\".",
        0...1
      ) { call in
        let phase = try call.arguments.isEmpty ? nil : phase(call.text(0))
        let profile = Profile()
        try Profile.$current.withValue(profile) {
          _ = try NextStep(call.session.current(), interrupt: call.session.interrupt)
        }
        let laps = profile.laps.filter { phase == nil || $0.phase == phase }
        return .number(laps.reduce(0) { $0 + $1.operations })
      },
      Function("kept(@m)", "Bytes that the forward pass of the next step keeps for going back.", 0...1) {
        call in
        let step = try NextStep.settled(call.model().subject, interrupt: call.session.interrupt)
        return .number(Double(step.held))
      },
    ]
  }

  private static func phase(_ word: String) throws -> Profile.Phase {
    if let found = Profile.Phase(rawValue: word) { return found }
    throw unknown("part of a step", word, among: Profile.Phase.allCases.map(\.rawValue))
  }
}
