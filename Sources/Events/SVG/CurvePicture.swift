extension Curve: Pictured {
  /// Lines on axes with round numbers; several have dashes of their own and their names beside them.
  func picture(_ p: Presentation) -> Drawing {
    let drawn = series.filter { !$0.points.isEmpty }
    guard !drawn.isEmpty else { return Drawing(width: 0, height: 0) }
    let points = drawn.flatMap(\.points)
    let frame = Frame(
      x: Scale(points.map(\.x), length: 560), y: Scale(points.map(\.y), length: 240), p,
      top: Double(drawn.count) * Drawing.line)
    var drawing = frame.empty
    let dashes = ["", "6 3", "2 3", "9 3 2 3"]
    for (i, one) in drawn.enumerated() {
      let colour = Drawing.colours[i % Drawing.colours.count], dash = dashes[i % dashes.count]
      let y = Double(i) * Drawing.line
      drawing.line([(frame.left, y + 9), (frame.left + 26, y + 9)], colour: colour, width: 2, dash: dash)
      let words = CurveSummary(one.points).sentence(name: p.phrase(one.name), p)
      drawing.text(StyledText(words.truncated(to: 76)), x: frame.left + 34, y: y + 13)
      let places = one.points.sorted { $0.x < $1.x }.map(frame.place)
      if places.count == 1 {
        drawing.box(places[0].x - 2, places[0].y - 2, 4, 4, fill: colour)
      } else {
        drawing.line(places, colour: colour, width: 1.8, dash: dash)
      }
    }
    drawing.text(.dim(p.phrase(axis)), x: frame.left + 280, y: drawing.height - 2, .middle)
    drawing.width = max(drawing.width, frame.left + 34 + 76 * Drawing.column)
    return drawing
  }
}

/// Where numbers stand on an axis of some pixels.
struct Scale {
  let low: Double, high: Double, length: Double
  /// Round numbers, from two to about six.
  let ticks: [Double]

  init(_ numbers: [Double], length: Double) {
    let least = numbers.min() ?? 0, most = numbers.max() ?? 1
    // One number alone gets room on both sides of it.
    let pad = least < most ? 0 : max(abs(least) * 0.1, 0.5)
    (low, high, self.length) = (least - pad, most + pad, length)
    ticks = Scale.round(low, high)
  }

  func place(_ x: Double) -> Double { fraction(x, low, high) * length }

  /// Steps of 1, 2 or 5 times a power of ten.
  private static func round(_ low: Double, _ high: Double) -> [Double] {
    let span = high / 4 - low / 4  // a quarter of the way; halves avoid overflow
    guard span > 0, span.isFinite else { return [low] }
    // Steps are unit·power, or unit/power: divided by a power of ten, 12 becomes 1.2 and not 1.2000000000000002.
    var power = 1.0, isSmall = false
    while power * 10 <= span { power *= 10 }
    if span < 1 {
      isSmall = true
      while power * span < 1, power < 1e300 { power *= 10 }
    }
    func size(_ units: Double) -> Double { isSmall ? units / power : units * power }
    let unit = [5.0, 2].first { size($0) <= span } ?? 1
    guard size(unit) > 0 else { return [low, high] }
    let first = (low / size(unit)).rounded(.up)
    return (0..<12).map { size((first + Double($0)) * unit) }.filter { $0 <= high }
  }
}

/// Axes around a field, with their numbers.
struct Frame {
  let left: Double
  private let x: Scale, y: Scale, top: Double, p: Presentation

  init(x: Scale, y: Scale, _ p: Presentation, top: Double) {
    (self.x, self.y, self.p, self.top) = (x, y, p, top + 10)
    left = Double(y.ticks.map { p.number($0).count }.max() ?? 1) * Drawing.column + 10
  }

  func place(_ point: (x: Double, y: Double)) -> (x: Double, y: Double) {
    (left + x.place(point.x), top + y.length - y.place(point.y))
  }

  /// The field without its lines.
  var empty: Drawing {
    let bottom = top + y.length
    var drawing = Drawing(width: left + x.length + 30, height: bottom + 42)
    for tick in y.ticks {
      let height = bottom - y.place(tick)
      drawing.line([(left, height), (left + x.length, height)], colour: "#e5e5e5")
      drawing.text(.dim(p.number(tick)), x: left - 6, y: height + 4, .end)
    }
    for tick in x.ticks {
      let place = left + x.place(tick)
      drawing.line([(place, bottom), (place, bottom + 4)])
      drawing.text(.dim(p.number(tick)), x: place, y: bottom + 18, .middle)
    }
    drawing.line([(left, top), (left, bottom), (left + x.length, bottom)])
    return drawing
  }
}
