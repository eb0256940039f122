import FileSystem

/// The value of an expression: printed short, and whole for programs.
public struct ValueView: Shown, Sendable, Equatable {
  static let kind = "value"
  /// What it is the value of, such as `%9`; may be empty.
  public var name: String
  /// The value.
  public var datum: Datum
  /// What it means, after it.
  public var remark: StyledText

  /// A value; in JSON it is `value`, as a number or a text.
  public init(_ datum: Datum, name: String = "", remark: StyledText = "") {
    self.datum = datum
    self.name = name
    self.remark = remark
  }

  func lines(_ p: Presentation, width: Int) -> [StyledText] {
    let lead: StyledText = name.isEmpty ? "" : .dim(name + " = ")
    let tail: StyledText = remark.isEmpty ? "" : "   " + remark
    return (lead + datum.text(p) + tail).wrapped(to: width, hanging: min(lead.columns, 8))
  }

  var value: JSON? { datum.json }

  var fields: [(String, JSON)] {
    (name.isEmpty ? [] : [("name", .string(name))])
      + (remark.isEmpty ? [] : [("remark", .string(remark.plain))])
  }
}
