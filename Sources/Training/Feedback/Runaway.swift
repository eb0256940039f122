import Data

/// A sign that learning from a reward runs away: far from the reference, beyond what the reward has seen, or all
/// answers one. Gao et al. 2022, arXiv:2210.10760: the reward goes on rising while what it stands for falls.
///
///     kl > 4·target, else > max(4 nats, 1 nat a token)        reward > start + 8·deviation at the start
///     90 % of the answers are the same, and fewer than half of them were        each the mean of four steps
public struct Runaway: Sendable, Equatable {
  /// What runs away.
  public enum Kind: String, Sendable { case kl, reward, collapse }

  /// What runs away.
  public let kind: Kind
  /// What was found, against which bound, in words.
  public let what: String
  /// How many steps back it was still in half of its bounds; 0: never.
  public let since: Int

  /// Steps whose mean counts.
  static let window = 4
  /// KL against the target that a price holds.
  static let overTarget = 4.0
  /// The KL of an answer that is never too much, and that of each of its tokens.
  static let nats = 4.0, natsPerToken = 1.0
  /// How many deviations of the first answers a mean reward may rise.
  static let deviations = 8.0
  /// The share of answers that may be one and the same, and what it must have been below at first.
  static let same = 0.9, sameAtFirst = 0.5

  /// The sign that the steps so far show; nil: none.
  init?(_ history: FigureHistory, brake: Brake?, answers: Int) {
    func steps(_ name: String) -> [Double] { history.values(of: name).filter(\.isFinite).map(Double.init) }
    let far = steps("kl"), rewards = steps("reward")
    guard far.count > Self.window, rewards.count == far.count else { return nil }
    func last(_ values: [Double]) -> Double { Statistics.mean(Array(values.suffix(Self.window))) }
    func first(_ values: [Double]) -> Double { Statistics.mean(Array(values.prefix(Self.window))) }
    func places(_ x: Double) -> String { String((x * 100).rounded() / 100) }
    let target = brake?.target ?? 0
    let bound =
      target > 0
      ? Self.overTarget * Double(target) : max(Self.nats, Self.natsPerToken * last(steps("length")))
    let spread = first(steps("spread")), rise = last(rewards) - first(rewards), same = steps("same")
    let gain = "reward from \(places(first(rewards))) to \(places(last(rewards)))"
    if last(far) > bound {
      kind = .kl
      what = "KL runs away: \(places(last(far))) nats an answer, more than \(places(bound)); \(gain)"
      since = far.reversed().firstIndex { $0 < bound / 2 } ?? 0
    } else if spread > 0, rise > Self.deviations * spread {
      kind = .reward
      what =
        "the reward runs away: \(gain), \(places(rise / spread)) times how far the first answers lay apart"
      since = rewards.reversed().firstIndex { $0 - first(rewards) < rise / 2 } ?? 0
    } else if answers >= Self.window, last(same) >= Self.same, first(same) < Self.sameAtFirst {
      kind = .collapse
      what = "the answers become one: \(places(100 * last(same))) % of them are the same; \(gain)"
      since = same.reversed().firstIndex { $0 < Self.sameAtFirst } ?? 0
    } else {
      return nil
    }
  }

  /// What to try, with the options of the trainer at hand.
  public func cure(_ brake: Brake?, rate: Float) -> String {
    var ways: [String] = []
    if let brake {
      ways.append("a higher price, \(brake.option)=\(max(4 * brake.price, 0.1)) (now \(brake.price))")
    }
    ways += [
      "a smaller rate, lr \(rate / 4)", "fewer steps" + (since > 0 ? ": step -\(since) goes back" : ""),
    ]
    return ways.joined(separator: "; ")
  }

  /// The number of a trainer's state that says the warning was given, and at which step.
  static let warned = "runaway"
}

/// What holds a policy near its reference: the option that sets the price of KL, the price, and the KL it aims at.
public struct Brake: Sendable, Equatable {
  /// The option.
  public let option: String
  /// The price of a nat.
  public let price: Float
  /// The KL that an adapting price holds; 0: the price is fixed.
  public var target: Float = 0

  /// A price under the name of its option.
  public init(_ option: String, _ price: Float, target: Float = 0) {
    (self.option, self.price, self.target) = (option, price, target)
  }
}
