import FileSystem

/// How far a long command is, on one line that never wraps: what does not fit is left out.
public struct ProgressLine: Shown, Sendable, Equatable {
  static let kind = "progress"
  /// What is done, and what there is to do; nil where that is not known.
  public var done: Int, total: Int?
  /// What is counted, as in "step".
  public var unit: String
  /// The loss of the last step.
  public var loss: Double?
  /// Units a second.
  public var rate: Double?
  /// Seconds still to go.
  public var eta: Double?
  /// Seconds since the start.
  public var elapsed: Double?
  /// Losses so far, for the small bars.
  public var values: [Double]
  /// What is written so far, of which a live line shows the end; empty: nothing is written.
  public var text: String
  /// Whether nothing more will come: all done, or stopped before that.
  public var finished: Bool

  /// How far something is.
  public init(
    _ done: Int, of total: Int?, unit: String = "step", loss: Double? = nil, rate: Double? = nil,
    eta: Double? = nil, elapsed: Double? = nil, values: [Double] = [], text: String = "",
    finished: Bool = false
  ) {
    self.done = done
    self.total = total
    self.unit = unit
    self.loss = loss
    self.rate = rate
    self.eta = eta
    self.elapsed = elapsed
    self.values = values
    self.text = text
    self.finished = finished
  }

  func lines(_ p: Presentation, width: Int) -> [StyledText] {
    if p.reader { return [StyledText(words(p).joined(separator: p.phrase("comma")) + p.phrase("stop"))] }
    return [finished ? closing(p, width: width) : running(p, width: width)]
  }

  private var isStopped: Bool { finished && done < total ?? done }

  /// "step 21 of 60", or what it stopped after.
  private func place(_ p: Presentation) -> String {
    let name = p.phrase(unit)
    guard let total else { return p.phrase("count", name, grouped(done)) }
    if isStopped { return p.phrase("stopped", name, grouped(done), grouped(total)) }
    return finished
      ? p.phrase("count", name, grouped(done)) : p.phrase("of", name, grouped(done), grouped(total))
  }

  private func lossText(_ p: Presentation) -> StyledText {
    loss.map { fact(p.phrase("loss"), StyledText(p.number($0))) } ?? ""
  }

  private func rateText(_ p: Presentation) -> String {
    rate.map { p.phrase("rate", formatted($0, digits: 3), p.phrase(unit)) } ?? ""
  }

  private func words(_ p: Presentation) -> [String] {
    let left = finished ? "" : eta.map { p.phrase("eta", duration($0)) } ?? ""
    let spent = finished ? elapsed.map(duration) ?? "" : ""
    let end = finished && !isStopped ? p.phrase("done") : ""
    return [place(p), lossText(p).plain, left, spent, end].filter { !$0.isEmpty }
  }

  /// `████████▏      21/60   loss 0.007   ⣇⣀   eta 1 s`, or `21/60   46 token/s   …the end of what is written`
  private func running(_ p: Presentation, width: Int) -> StyledText {
    let count = grouped(done) + (total.map { "/" + grouped($0) } ?? " " + p.phrase(unit))
    let marks = sparkline(values, columns: 10)
    // In the order shown, each with its importance; the least important go first where the width is small.
    var parts: [(rank: Int, text: StyledText)] = [
      (0, StyledText(count)), (1, lossText(p)), (3, StyledText(marks)), (4, StyledText.dim(rateText(p))),
      (2, StyledText.dim(eta.map { p.phrase("eta", duration($0)) } ?? "")),
    ].filter { !$0.1.isEmpty }
    func used() -> Int { parts.reduce(-3) { $0 + $1.text.columns + 3 } }
    let least = total == nil && text.isEmpty ? 0 : 13
    while parts.count > 1, used() + least > width, let last = parts.map(\.rank).max() {
      parts.removeAll { $0.rank == last }
    }
    let line = parts.map(\.text).joined("   ")
    if !text.isEmpty { return line.truncated(to: width) + written(in: width - line.columns - 3) }
    let room = min(30, width - line.columns - 3)
    guard let total, room >= 4 else { return line.truncated(to: width) }
    let drawn = bar(Double(min(done, total)), of: Double(max(total, 1)), columns: room)
    return StyledText(drawn.padded(to: room)) + "   " + line
  }

  /// The end of the text made so far, all white space as spaces; nothing where a few letters would not fit.
  private func written(in room: Int) -> StyledText {
    guard room >= 4 else { return "" }
    let flat = text.suffix(4 * room).map { $0.isWhitespace ? " " : String($0) }.joined()
    return "   " + StyledText.strong(flat).tail(room)
  }

  /// `step 60   loss 0.002   1.3 s   0.098 ▇▇▇▅▄▂▁▁▁▁ 0.002`
  private func closing(_ p: Presentation, width: Int) -> StyledText {
    var parts = [StyledText(place(p)), lossText(p), StyledText(elapsed.map(duration) ?? "")].filter {
      !$0.isEmpty
    }
    if values.count > 1, let first = values.first, let last = values.last {
      parts.append(StyledText("\(p.number(first)) \(sparkline(values, columns: 10)) \(p.number(last))"))
    }
    while parts.count > 1, parts.joined("   ").columns > width { parts.removeLast() }
    return parts.joined("   ").truncated(to: width)
  }

  var fields: [(String, JSON)] {
    func number(_ name: String, _ x: Double?) -> [(String, JSON)] { x.map { [(name, JSON($0))] } ?? [] }
    let start: [(String, JSON)] = [
      ("done", .integer(done)), ("total", total.map(JSON.integer) ?? .null), ("unit", .string(unit)),
      ("finished", .bool(finished)),
    ]
    return start + number("loss", loss) + number("rate", rate) + number("eta", eta)
      + number("elapsed", elapsed)
  }
}
