import Engine
import Events
import Methods
import Networks
import Options

/// `mix`: a new LoRA that is a weighted sum of attached ones.
public struct MixCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "mix", "Makes a new LoRA from a weighted sum of attached ones, and says how far it is from that sum.",
    formula: "ΔW = Σ wᵢ·sᵢ·Bᵢ·Aᵢ        error = ‖ΔW − ΔW of the mix‖/‖ΔW‖",
    use: "To put several skills into one adapter. The parts are switched off, and stay.",
    examples: [
      "mix a:0.7 b:0.3", "mix a b how=cat as=both", "mix a:1 b:-1 how=linear", "mix a:0.5 b:0.5 r=4",
    ],
    notes: [
      "how=svd keeps the r largest singular values of the sum: the nearest LoRA of that rank.",
      "how=cat is exact, at the rank of all parts together.",
      "how=linear adds the factors, as peft's “linear” does: terms across parts come in, so it is not the sum.",
    ],
    changes: true)

  /// How the sum is made.
  public var how = WeightedSum.svd
  /// The new attachment's name.
  public var `as` = "mix"
  /// The rank of svd; 0: the largest of the parts'.
  public var r = 0
  /// What was typed.
  public var call = Call()

  /// Its options.
  public static var options: [Option<MixCommand>] {
    [
      Option(
        "how", \.how, "svd: the nearest of rank r; cat: exact, at a higher rank; linear: sums of factors"),
      Option("as", \.`as`, "the new attachment's name"),
      Option("r", \.r, "the rank for svd; 0 is the largest of the parts'", in: 0...65_536),
    ]
  }
  /// Attachments with their weights.
  public static var takes: Takes {
    Takes("NAME[:WEIGHT] …", 1...20) { _, session in session.attachmentNames }
  }

  /// By singular values, at the largest rank.
  public init() {}

  /// Adds them up and says how exactly.
  public func run(_ session: Session) throws -> Done {
    let subject = try session.current(), model = subject.model
    guard r == 0 || how == .svd else {
      throw Failure("r= is for how=svd; how=\(how.rawValue) has the rank that follows from its parts.")
    }
    var parts: [(weight: Float, attachment: Attachment)] = []
    for i in call.words.indices {
      let text = call.text(i) ?? "", row = SiteNumber(text), name = row?.site ?? text
      let attachment = try subject.attachment(name, at: call.places[i])
      guard !parts.contains(where: { $0.attachment === attachment }) else {
        throw Failure("\(name) stands there twice.", place: call.places[i])
      }
      parts.append((row?.number ?? 1, attachment))
    }
    if let folded = parts.first(where: { $0.attachment.isFolded })?.attachment {
      throw Failure("\(folded.name) is merged.", cure: "unmerge \(folded.name)")
    }
    let sums = try sums(of: parts)
    let changes = try sums.map { one in
      let (a, b) = try how.factors(of: one.parts, rank: r == 0 ? nil : r)
      return (site: one.site, change: LowRankTerm(a: a, b: b, scale: 1))
    }
    model.chance = session.chance
    let mixed = try LoRA.holding(changes, on: model, name: `as`)
    for (_, attachment) in parts { attachment.isOn = false }
    try say(mixed, parts, sums, changes, session)
    try session.sayCounts(subject)
    return Done()
  }

  private typealias Sum = (site: Site, parts: [WeightedSum.Part])

  /// The parts' changes, by site.
  private func sums(of parts: [(weight: Float, attachment: Attachment)]) throws -> [Sum] {
    var sums: [Sum] = []
    for (weight, attachment) in parts {
      for (site, change) in try attachment.lowRankChanges() {
        if let place = sums.firstIndex(where: { $0.site === site }) {
          sums[place].parts.append((weight, change))
        } else {
          sums.append((site, [(weight, change)]))
        }
      }
    }
    return sums
  }

  private func say(
    _ mixed: Attachment, _ parts: [(weight: Float, attachment: Attachment)], _ sums: [Sum],
    _ changes: [(site: Site, change: LowRankTerm)], _ session: Session
  ) throws {
    var missed = 0.0, whole = 0.0
    for (sum, made) in zip(sums, changes) {
      let wanted = try WeightedSum.exact(sum.parts)
      missed += try (made.change.b.matmul(made.change.a) - wanted).sumOfSquares
      whole += wanted.sumOfSquares
    }
    let error = whole > 0 ? (missed / whole).squareRoot() : 0
    let text = parts.map { "\(formatted($0.weight))·\($0.attachment.name)" }.joined(separator: " + ")
    let ranks = Set(changes.map { $0.change.a.shape[0] }).sorted().map(String.init).joined(separator: ", ")
    session.say(
      .strong(mixed.name)
        + " = \(text)   how \(how.rawValue)   r \(ranks)   \(counted(changes.count, "site"))")
    var line =
      "relative error " + .strong(formatted(error))
      + StyledText("  of ‖Σ w·ΔW‖ \(formatted(whole.squareRoot()))")
    if error < 1e-5 { line += .dim("   exact, up to rounding") }
    session.say(line)
    if how == .linear, error > 0.01 {
      session.say(
        .dim("how=linear multiplies sums of factors, so terms Bᵢ·Aⱼ of two parts come in; how=cat is exact"))
    }
    let names = parts.map(\.attachment.name).joined(separator: ", ")
    session.say(.dim("\(names) \(parts.count == 1 ? "is" : "are") off now, and still there"))
  }
}
