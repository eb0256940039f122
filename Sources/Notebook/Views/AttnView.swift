import Engine
import Events
import Networks
import Options

/// `show attn`: which tokens look at which.
public struct AttnView: View {
  /// What it says of itself.
  public static let card = Card(
    "attn", "Which tokens look at which, as a heatmap.",
    formula: "softmax(q·kᵀ/√d), mean over heads unless head= chooses",
    examples: ["show attn", "show attn blocks.1.attn head=2", "show attn blocks.0.attn row=3 text=\"egik\""],
    notes: ["Rows look, columns are looked at. p0 p1 … are vectors of a prompt, k0 k1 … added keys."])

  /// Heads to average; empty: all.
  public var head: [Int] = []
  /// The row of the batch.
  public var row = 0
  /// A text to run on instead of the batch.
  public var text = ""

  /// Its options.
  public static var options: [Option<AttnView>] {
    [
      Option("head", \.head, "the head, or several to average; without it, all"),
      Option("row", \.row, "the row of the batch, from 0"),
      Option("text", \.text, "a text to run on; without one, the batch of the next step"),
    ]
  }
  /// The place.
  public static var takes: Takes {
    Takes("[PLACE]", 0...1) { _, session in
      session.currentSubject?.model.sites.filter { $0.kind == .attention }.map(\.name) ?? []
    }
  }

  /// The first attention of the model, all heads, the batch's first row.
  public init() {}

  /// Runs the model and shows the heatmap.
  public func show(_ session: Session, _ subject: Subject, _ call: Call) throws {
    let site = try self.site(subject, call)
    let reading = try subject.reading(text)
    guard reading.tokens.indices.contains(row) else {
      throw Failure(
        "row=\(row): the batch has rows 0 to \(reading.tokens.count - 1).", cure: "For example row=0")
    }
    let look = try subject.look(reading, interrupt: session.interrupt) { $0 === site }
    guard let all = look.trace.attention[site.name], all.shape.count == 4 else {
      throw Failure("\(site.name) has no attention probabilities.", place: call.places.first)
    }
    let heads = all.shape[1]
    if let wrong = head.first(where: { !(0..<heads).contains($0) }) {
      throw Failure("head=\(wrong): \(site.name) has heads 0 to \(heads - 1).", cure: "For example head=0")
    }
    let chosen = head.isEmpty ? Array(0..<heads) : head
    let labels = Self.labels(look, site, row: row, keys: all.shape[3])
    session.emit(
      .heatmap(
        Heatmap(
          site.name + (chosen.count == 1 ? "   head \(chosen[0])" : "   mean of heads " + Self.list(chosen)),
          rows: labels.queries, columns: labels.keys, values: try Self.mean(all, row, chosen))))
    var note = "rows look at columns; row \(row) of \(reading.name)"
    if labels.keys.contains("k0") { note += "; k0 … are added keys" }
    if labels.keys.contains("p0") { note += "; p0 … are vectors of a prompt" }
    session.say(.dim(note))
  }

  private func site(_ subject: Subject, _ call: Call) throws -> Site {
    let there = subject.model.sites.filter { $0.kind == .attention }
    guard let name = call.text(0) else {
      guard let first = there.first else {
        throw Failure("this model has no attention.", cure: "show shapes lists what it has")
      }
      return first
    }
    if let found = try subject.sites(name, at: call.places.first).first(where: { $0.kind == .attention }) {
      return found
    }
    throw Failure(
      "\(name) is no place of attention.", cure: "For example show attn \(there.first?.name ?? "")",
      details: wrapped(there.map(\.name), prefix: "there are: "), place: call.places.first)
  }

  /// Tokens of the row; added keys stand before all others.
  private static func labels(_ look: Look, _ site: Site, row: Int, keys: Int) -> (
    queries: [String], keys: [String]
  ) {
    let queries = look.names(row, at: site), own = look.names(row, at: site, keys: true)
    let extra = (0..<max(0, keys - own.count)).map { "k\($0)" }
    return (queries, extra + own)
  }

  /// Probabilities of one row, [queries][keys], mean over heads.
  private static func mean(_ all: Tensor, _ row: Int, _ heads: [Int]) throws -> [[Double]] {
    let queries = all.shape[2], keys = all.shape[3]
    let one = try all.plain.slice(axis: 0, row..<row + 1).scalars
    return (0..<queries).map { q in
      (0..<keys).map { k in
        heads.reduce(0.0) { $0 + Double(one[($1 * queries + q) * keys + k]) } / Double(max(1, heads.count))
      }
    }
  }

  private static func list(_ heads: [Int]) -> String {
    let isRun = heads.indices.allSatisfy { heads[$0] == heads[0] + $0 }
    return isRun && heads.count > 2
      ? "\(heads[0])–\(heads[heads.count - 1])" : heads.map(String.init).joined(separator: ", ")
  }
}
