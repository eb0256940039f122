import Engine
import Events
import Options

/// `diff`: what differs between two snaps, or between one and now.
public struct DiffCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "diff", "Compares the parameters of two snaps, or of one with now, tensor by tensor.",
    formula: "Δ = B − A        exact: every bit; approximate: max|Δ| ≤ 1e-5",
    use: "now is the present, base the model without what attachments changed in its weights.",
    examples: ["diff before", "diff before after", "diff base", "diff before all"])

  static let fixed = ["now", "base"]

  /// Whether tensors without a difference are listed too.
  public var all = false
  /// What was typed.
  public var call = Call()

  /// Its options.
  public static var options: [Option<DiffCommand>] {
    [Option("all", \.all, "list tensors without a difference too")]
  }
  /// Two snaps.
  public static var takes: Takes {
    Takes("A [B]", 1...2) { _, session in session.snaps.keys.sorted() + fixed }
  }

  /// With now.
  public init() {}

  private struct Difference {
    let name: String, shape: String
    /// ‖Δ‖ and max|Δ|; nil where the two cannot be compared.
    let sizes: (norm: Double, most: Float)?
    let word: String
    var isExact: Bool { word == "exact" }
  }

  /// Compares them.
  public func run(_ session: Session) throws -> Done {
    var left = try values(0, session), right = try values(1, session)
    if call.words.contains(where: { $0.asText == "base" }) {
      // What attachments added has nothing to compare with.
      let own = Set(try session.current().model.directory.parameters.map(\.name))
      (left, right) = (left.filter { own.contains($0.key) }, right.filter { own.contains($0.key) })
    }
    let order = try session.current().model.parameters.map(\.name)
    let names =
      order.filter { left[$0] != nil || right[$0] != nil }
      + Set(left.keys).union(right.keys).subtracting(order).sorted()
    let all = try names.map { try Self.difference($0, left[$0], right[$0]) }
    let listed = self.all ? all : all.filter { !$0.isExact }
    let rows = listed.map { one -> [Datum] in
      [
        .words(one.name), .words(one.shape), one.sizes.map { .number($0.norm) } ?? .empty,
        one.sizes.map { .number($0.most) } ?? .empty, .words(one.word),
      ]
    }
    let columns: [Table.Column] = [
      .init("tensor", priority: 0, isWhole: true), .init("shape", priority: 4),
      .init("‖Δ‖", .right, priority: 3),
      .init("max|Δ|", .right, priority: 2), .init("", priority: 1),
    ]
    if !rows.isEmpty { session.emit(.table(Table(columns: columns, rows: rows))) }
    session.say(Self.verdict(all))
    return .unrecorded
  }

  private static func difference(_ name: String, _ a: Tensor?, _ b: Tensor?) throws -> Difference {
    guard let a, let b else {
      return Difference(
        name: name, shape: shapeText((a ?? b)?.shape ?? []), sizes: nil, word: a == nil ? "new" : "gone")
    }
    guard a.shape == b.shape else {
      return Difference(
        name: name, shape: "\(shapeText(a.shape)) → \(shapeText(b.shape))", sizes: nil, word: "other shape")
    }
    let most = try b.largestDifference(from: a), isSame = a.hash() == b.hash()
    let word = isSame ? "exact" : most <= 1e-5 ? "approximate" : "different"
    return Difference(
      name: name, shape: shapeText(a.shape), sizes: (Figures(try b.plain - a.plain).norm, most), word: word)
  }

  private static func verdict(_ all: [Difference]) -> StyledText {
    let differing = all.filter { !$0.isExact }
    guard !differing.isEmpty else {
      return .strong("exact") + StyledText(": all \(all.count) tensors are equal bit for bit")
    }
    let worst = differing.compactMap { one in one.sizes.map { (one.name, $0.most) } }.max { $0.1 < $1.1 }
    let isNear = differing.allSatisfy { $0.word == "approximate" }
    var line =
      .strong(isNear ? "approximate" : "different")
      + StyledText(": \(differing.count) of \(all.count) tensors differ")
    if let worst { line += StyledText(", by up to \(formatted(worst.1)) in \(worst.0)") }
    return line + StyledText(differing.count < all.count ? "; the others are exact" : "")
  }

  private func values(_ index: Int, _ session: Session) throws -> [String: Tensor] {
    let subject = try session.current(), name = call.text(index) ?? "now"
    func named(_ value: (Tensor, Tensor?) -> Tensor) -> [String: Tensor] {
      Dictionary(subject.model.parameters.map { ($0.name, value($0.value, $0.base)) }) { first, _ in first }
    }
    if name == "now" { return named { now, _ in now } }
    if name == "base" { return named { now, base in base ?? now } }
    let place = index < call.places.count ? call.places[index] : nil
    guard let snap = session.snaps[name] else {
      let known = session.snaps.keys.sorted()
      if known.isEmpty {
        throw Failure(
          "there is no snap “\(name)”, nor any other.",
          cure: "snap \(name) keeps the parameters as they are now", place: place)
      }
      throw unknown("snap", name, among: known + Self.fixed).at(place)
    }
    guard snap.subject == subject.name else {
      throw Failure(
        "the snap “\(name)” is of \(snap.subject), not of \(subject.name).", cure: "use \(snap.subject)",
        place: place)
    }
    return snap.values
  }
}
