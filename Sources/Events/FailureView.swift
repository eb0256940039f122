import FileSystem
import Options

/// An error: what, where in the line that was typed, what is known about it, and what to do.
public struct FailureView: Shown, Sendable, Equatable {
  static let kind = "error"
  /// What happened and the cure.
  public var failure: Failure
  /// The text that was typed, as far as `failure.place` counts in it; empty where nothing was.
  public var source: String

  /// An error in a text, whose `place` counts UTF-8 from the text's start.
  public init(_ failure: Failure, source: String = "") {
    self.failure = failure
    self.source = source
  }

  /// Any error: a `Failure` as it is, another one by its description.
  public init(_ error: any Error, source: String = "") {
    self.init(error as? Failure ?? Failure("\(error)"), source: source)
  }

  func lines(_ p: Presentation, width: Int) -> [StyledText] {
    let lead = StyledText.bad(p.phrase("colon", p.phrase("error"), ""))
    let what = (lead + StyledText(failure.what)).wrapped(to: width, hanging: 2)
    let details = failure.details.flatMap { ("  " + StyledText($0)).wrapped(to: width) }
    let cure = failure.cure.isEmpty ? [] : ("  " + StyledText.strong(failure.cure)).wrapped(to: width)
    return what + place(p, width: width) + details + cure
  }

  /// The line concerned, and below it `^~~~` under the words concerned.
  private func place(_ p: Presentation, width: Int) -> [StyledText] {
    guard let (before, marked, after) = parts else { return [] }
    if p.reader { return marked.isEmpty ? [] : [StyledText(p.phrase("place", marked))] }
    let room = width - 2
    let wanted = min(columns(of: marked), room / 2)
    let fits = columns(of: before + marked + after) <= room
    let start = fits ? StyledText(before) : StyledText(before).tail(room - wanted - room / 4)
    let line = (start + StyledText(marked + after)).truncated(to: room)
    let length = max(1, min(columns(of: marked), room - start.columns))
    let caret = String(repeating: " ", count: start.columns) + "^" + String(repeating: "~", count: length - 1)
    return ["  " + StyledText.code(line.plain), "  " + .bad(caret)]
  }

  /// The line concerned: what is before the place, at it and after it, with control characters written out.
  private var parts: (String, String, String)? {
    guard let place = failure.place, !source.isEmpty else { return nil }
    let text = Array(source.utf8)
    func boundary(_ offset: Int) -> Int {
      var at = min(max(offset, 0), text.count)
      while at > 0, at < text.count, text[at] & 0xc0 == 0x80 { at -= 1 }
      return at
    }
    let newline = UInt8(ascii: "\n")
    let from = boundary(place.lowerBound)
    let start = text[..<from].lastIndex(of: newline).map { $0 + 1 } ?? 0
    let end = text[from...].firstIndex(of: newline) ?? text.count
    let to = min(max(boundary(place.upperBound), from), end)
    func piece(_ range: Range<Int>) -> String { visible(String(decoding: text[range], as: UTF8.self)) }
    return (piece(start..<from), piece(from..<to), piece(to..<end))
  }

  var fields: [(String, JSON)] {
    let place = failure.place.map { JSON.array([.integer($0.lowerBound), .integer($0.upperBound)]) }
    return [
      ("what", .string(failure.what)), ("details", .array(failure.details.map(JSON.string))),
      ("cure", .string(failure.cure)), ("source", .string(source)), ("place", place ?? .null),
    ]
  }
}
