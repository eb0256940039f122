import FileSystem

/// What happened, ready to be shown: the only thing that crosses from the notebook to a face.
///
///     observer(.facts(["loss": .number(loss), "accuracy": .number(accuracy)]))
///     observer(.table(Table(columns: ["site", "shape", "params"], rows: rows)))
public enum Event: Sendable, Equatable {
  /// Lines of text.
  case prose(Prose)
  /// The title of what follows.
  case heading(Heading)
  /// Names with values on a line.
  case facts(Facts)
  /// Rows and columns.
  case table(Table)
  /// Numbers of a tensor.
  case tensor(TensorView)
  /// Lines over a common axis.
  case curve(Curve)
  /// Labelled values with bars.
  case bars(Bars)
  /// How values are distributed.
  case histogram(Histogram)
  /// A matrix in shades and digits.
  case heatmap(Heatmap)
  /// Grey pictures side by side.
  case pictures(PictureRow)
  /// Things within things.
  case tree(Tree)
  /// How far a long command is.
  case progress(ProgressLine)
  /// Something to be answered.
  case question(Question)
  /// Right or wrong, and why.
  case verdict(Verdict)
  /// An error that teaches.
  case error(FailureView)
  /// The value of an expression.
  case value(ValueView)
  /// A remark or a warning.
  case note(Note)

  /// What the case holds.
  var shown: any Shown {
    switch self {
    case .prose(let kind): return kind
    case .heading(let kind): return kind
    case .facts(let kind): return kind
    case .table(let kind): return kind
    case .tensor(let kind): return kind
    case .curve(let kind): return kind
    case .bars(let kind): return kind
    case .histogram(let kind): return kind
    case .heatmap(let kind): return kind
    case .pictures(let kind): return kind
    case .tree(let kind): return kind
    case .progress(let kind): return kind
    case .question(let kind): return kind
    case .verdict(let kind): return kind
    case .error(let kind): return kind
    case .value(let kind): return kind
    case .note(let kind): return kind
    }
  }
}

/// A kind of thing to show: its text and its JSON.
protocol Shown {
  /// The word for it in JSON.
  static var kind: String { get }
  /// The text. Lines longer than `width` columns will be wrapped, so only what is laid out need care.
  func lines(_ p: Presentation, width: Int) -> [StyledText]
  /// Whether its lines stay whole however long they are: what is copied from it, or looked for in it, as it stands.
  var isWhole: Bool { get }
  /// The parts that a program may want, beside the text.
  var fields: [(String, JSON)] { get }
  /// The one value in it, where there is one.
  var value: JSON? { get }
}

extension Shown {
  var isWhole: Bool { false }
  var fields: [(String, JSON)] { [] }
  var value: JSON? { nil }
}

extension Event {
  /// The word for the kind, as in JSON: `table`, `error`.
  public var kind: String { type(of: shown).kind }
  /// The one value in it, where there is one: of an expression, of a verdict.
  public var value: JSON? { shown.value }
  /// The parts that a program may want, beside the text.
  public var fields: [(String, JSON)] { shown.fields }

  /// The text in lines within the width: indented by two (not for a screen reader), wrapped, in ASCII where
  /// asked.
  public func lines(_ p: Presentation) -> [StyledText] {
    let indent = p.reader ? 0 : 2
    let width = p.width - indent
    let margin = StyledText(String(repeating: " ", count: indent))
    return shown.lines(p, width: width).flatMap { shown.isWhole ? [$0] : $0.wrapped(to: width) }.map { line in
      let text = (p.unicode ? line : line.mapped(ascii)).trimmed
      return text.isEmpty ? text : margin + text
    }
  }
}
