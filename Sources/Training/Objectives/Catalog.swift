import Options

/// All trainers; a test compares this with the folder.
public enum Objectives {
  /// In teaching order.
  public static var all: [any Objective.Type] {
    [SFT.self, RewardModel.self, DPO.self, PPO.self, GRPO.self, RLOO.self, BestOfN.self]
  }

  /// The trainer of a name; throws with a suggestion.
  public static func named(_ name: String) throws -> any Objective.Type {
    guard let found = all.first(where: { $0.card.name == name }) else {
      throw unknown("trainer", name, among: all.map { $0.card.name })
    }
    return found
  }
}
