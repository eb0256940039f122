/// Events as pictures: tables, curves, heatmaps, histograms and bars drawn, all else as its lines of text.
///
/// A document stands by itself (no style sheet, no script, no font to fetch) and says in words what it shows.
public struct SVG: Renderer {
  /// Digits and language.
  public var presentation: Presentation

  /// Pictures whose texts are laid out for 80 columns.
  public init(digits: Int = 3, language: Language = .en) {
    presentation = Presentation(width: 80, digits: digits, language: language)
  }

  /// One event as a document.
  public func text(of event: Event, cell: Int = 0) -> String { document([event]) }

  /// Several events as one document, one below the other.
  public func document(_ events: [Event]) -> String {
    var whole = Drawing(width: 40, height: 16)
    for event in events {
      let part = (event.shown as? any Pictured)?.picture(presentation) ?? lines(event)
      guard part.height > 0 else { continue }
      whole.place(part, x: 20, y: whole.height)
      whole.width = max(whole.width, part.width + 40)
      whole.height += part.height + 14
    }
    let words = events.flatMap { $0.lines(presentation).map(\.plain) }
    return whole.document(title: words.first ?? "", description: words.joined(separator: "\n"))
  }

  private func lines(_ event: Event) -> Drawing {
    let indent = 2  // of the text's lines, which the drawing has in its margin
    let lines = event.lines(presentation)
    var drawing = Drawing(width: 0, height: Double(lines.count) * Drawing.line)
    for (i, line) in lines.enumerated() {
      drawing.text(line, x: Double(-indent) * Drawing.column, y: Double(i) * Drawing.line + 13)
      drawing.width = max(drawing.width, Double(line.columns) * Drawing.column)
    }
    return drawing
  }
}

/// A kind that has a picture of its own.
protocol Pictured {
  /// Drawn at its natural size.
  func picture(_ p: Presentation) -> Drawing
}

/// Shapes on a plane, x to the right and y down, in pixels.
struct Drawing {
  /// Columns of the fixed-width font, and the distance of lines.
  static let column = 7.8, line = 19.0
  /// Colours that are told apart with every kind of colour vision, and in grey. Okabe & Ito 2008.
  static let colours = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00", "#000000"]

  var width: Double
  var height: Double
  private var elements: [String] = []

  init(width: Double, height: Double) { (self.width, self.height) = (width, height) }

  /// Where a text stands, seen from its place.
  enum Anchor: String { case start, middle, end }

  mutating func text(
    _ text: StyledText, x: Double, y: Double, _ anchor: Anchor = .start, size: Double = 13,
    fill: String? = nil
  ) {
    let spans = text.runs.map { run -> String in
      let look = Drawing.look(run.style)
      return look.isEmpty ? Drawing.escaped(run.text) : "<tspan \(look)>\(Drawing.escaped(run.text))</tspan>"
    }
    guard !spans.isEmpty else { return }
    let place = "x=\"\(short(x))\" y=\"\(short(y))\""
    let align = anchor == .start ? "" : " text-anchor=\"\(anchor)\""
    let scale = (size == 13 ? "" : " font-size=\"\(short(size))\"") + (fill.map { " fill=\"\($0)\"" } ?? "")
    elements.append("<text \(place)\(align)\(scale) xml:space=\"preserve\">\(spans.joined())</text>")
  }

  mutating func box(_ x: Double, _ y: Double, _ width: Double, _ height: Double, fill: String) {
    let place = "x=\"\(short(x))\" y=\"\(short(y))\" width=\"\(short(width))\" height=\"\(short(height))\""
    elements.append("<rect \(place) fill=\"\(fill)\"/>")
  }

  /// A line through points; `dash` as in SVG, for lines that must be told apart without colour.
  mutating func line(
    _ points: [(x: Double, y: Double)], colour: String = "#999999", width: Double = 1, dash: String = ""
  ) {
    let places = points.map { "\(short($0.x)),\(short($0.y))" }.joined(separator: " ")
    let dashes = dash.isEmpty ? "" : " stroke-dasharray=\"\(dash)\""
    elements.append(
      "<polyline points=\"\(places)\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"\(short(width))\"\(dashes)/>"
    )
  }

  mutating func place(_ other: Drawing, x: Double, y: Double) {
    elements.append("<g transform=\"translate(\(short(x)) \(short(y)))\">")
    elements += other.elements
    elements.append("</g>")
  }

  func document(title: String, description: String) -> String {
    let size = "width=\"\(short(width))\" height=\"\(short(height))\""
    let font = "font-family=\"ui-monospace, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"13\""
    let head =
      "<svg xmlns=\"http://www.w3.org/2000/svg\" \(size) viewBox=\"0 0 \(short(width)) \(short(height))\" "
      + "role=\"img\" \(font) fill=\"#222222\">"
    let words =
      "<title>\(Drawing.escaped(title.trimmingSpaces))</title>\n<desc>\(Drawing.escaped(description))</desc>"
    let paper = "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>"
    return ([head, words, paper] + elements + ["</svg>"]).joined(separator: "\n") + "\n"
  }

  private static func look(_ style: StyledText.Style) -> String {
    switch style {
    case .plain: ""
    case .strong: "font-weight=\"bold\""
    case .code: "fill=\"#0072b2\""
    case .dim: "fill=\"#767676\""
    case .good: "fill=\"#00734f\""
    case .bad: "fill=\"#b02a00\""
    }
  }

  /// What XML would read as a mark, or not at all, written so that it stands for itself.
  private static func escaped(_ text: String) -> String {
    var out = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": out += "&amp;"
      case "<": out += "&lt;"
      case ">": out += "&gt;"
      case "\"": out += "&quot;"
      case "\n": out += "\n"
      case _ where scalar.value < 0x20 || scalar.value == 0xfffe || scalar.value == 0xffff: out += " "
      default: out.unicodeScalars.append(scalar)
      }
    }
    return out
  }
}

/// To a tenth of a pixel.
func short(_ x: Double) -> String {
  let tenths = Int((max(-1e6, min(1e6, x)) * 10).rounded())
  return tenths % 10 == 0 ? "\(tenths / 10)" : "\(Double(tenths) / 10)"
}

extension String {
  fileprivate var trimmingSpaces: String { String(drop { $0 == " " }) }
}
