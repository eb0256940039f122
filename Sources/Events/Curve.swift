import FileSystem

/// One or several lines over a common axis, drawn with a sentence that says what is seen.
public struct Curve: Shown, Sendable, Equatable {
  static let kind = "curve"
  /// How it is drawn.
  public enum Form: Sendable { case plot, spark }

  /// One line: y over x.
  public struct Series: Sendable, Equatable {
    /// What it is, as in "loss".
    public var name: String
    /// Where the points are, in growing order.
    public var x: [Double]
    /// The values, as many as `x`.
    public var y: [Double]

    /// A line through points; without `x` they are 0, 1, 2, ….
    public init(_ name: String, x: [Double]? = nil, y: [Double]) {
      let places = x ?? y.indices.map(Double.init)
      let count = min(places.count, y.count)
      self.name = name
      self.x = Array(places.prefix(count))
      self.y = Array(y.prefix(count))
    }

    /// The points that can be drawn.
    var points: [(x: Double, y: Double)] { Array(zip(x, y)).filter { $0.0.isFinite && $0.1.isFinite } }
  }

  /// The lines; several are told apart by letters, not by colours.
  public var series: [Series]
  /// What x counts, as in "step".
  public var axis: String
  /// A plot, or one line a series.
  public var form: Form

  /// A drawing of some lines.
  public init(_ series: [Series], axis: String = "step", form: Form = .plot) {
    self.series = series
    self.axis = axis
    self.form = form
  }
  /// A drawing of one line.
  public init(_ name: String, x: [Double]? = nil, y: [Double], axis: String = "step", form: Form = .plot) {
    self.init([Series(name, x: x, y: y)], axis: axis, form: form)
  }

  func lines(_ p: Presentation, width: Int) -> [StyledText] {
    let drawn = series.filter { !$0.points.isEmpty }
    guard !drawn.isEmpty else { return [.dim(p.phrase("no values"))] }
    let sentences = drawn.map { StyledText(CurveSummary($0.points).sentence(name: p.phrase($0.name), p)) }
    if p.reader { return sentences }
    if form == .spark { return drawn.map { spark($0, p, width: width) } }
    return Plot(drawn, axis: p.phrase(axis), p, width: width).lines + sentences
  }

  /// `loss  0.098 ▇▇▇▅▄▂▁▁▁▁ 0.002`
  private func spark(_ one: Series, _ p: Presentation, width: Int) -> StyledText {
    let points = one.points
    let first = p.number(points.first?.y ?? 0), last = p.number(points.last?.y ?? 0)
    let names = series.map { columns(of: p.phrase($0.name)) }.max() ?? 0
    let name = p.phrase(one.name).truncated(to: width / 3).padded(to: min(names, width / 3))
    let room = width - columns(of: name) - first.count - last.count - 4
    let marks = sparkline(points.map(\.y), columns: min(40, room))
    return .dim(name) + "  " + StyledText("\(first) \(marks) \(last)")
  }

  var fields: [(String, JSON)] {
    let lines = series.map { one in
      JSON.object([
        ("name", .string(one.name)), ("x", .array(one.x.map { JSON($0) })),
        ("y", .array(one.y.map { JSON($0) })),
      ])
    }
    return [("axis", .string(axis)), ("series", .array(lines))]
  }
}
