import FileSystem
import Options

/// A table of texts from a user's file: named columns, and for each row the line where it begins.
public struct TextTable: Sendable, Equatable {
  /// How a file is written.
  public enum Format: String, Sendable, CaseIterable {
    /// Comma-separated, RFC 4180, the first row naming the columns.
    case csv
    /// Tab-separated without quoting, the first row naming the columns.
    case tsv
    /// One JSON object a line, its keys naming the columns.
    case jsonl
  }

  /// What errors call it: the file's name.
  public let name: String
  /// The names of the columns, in the file's order; of JSON lines, sorted.
  public let columns: [String]
  /// The rows, each as long as `columns`.
  public let rows: [[String]]
  /// The line on which each row begins, from 1.
  public let lines: [Int]

  /// Reads a file of at most 256 MB; throws with the line of what is wrong.
  public init(path: String, format: Format, files: any Files = .disk) throws {
    let name = Path.last(of: path)
    try self.init(
      text: try UTF8Check.text(try files.contents(of: path), of: name), format: format, name: name)
  }

  /// Reads a text; `name` is what errors call it.
  public init(text: String, format: Format, name: String) throws {
    self.name = name
    switch format {
    case .csv: (columns, rows, lines) = try TextTable.headed(try DelimitedText.commas(text, name: name), name)
    case .tsv: (columns, rows, lines) = try TextTable.headed(DelimitedText.tabs(text), name)
    case .jsonl: (columns, rows, lines) = try TextTable.objects(text, name)
    }
    guard !rows.isEmpty else { throw Failure("\(name) has no rows.", cure: "Is it the right file?") }
  }

  /// The format that a path's ending names: `.csv`, `.tsv`, `.jsonl`.
  public static func format(of path: String) throws -> Format {
    let ending = path.split(separator: ".").last.map { $0.lowercased() } ?? ""
    guard let format = Format(rawValue: ending) else {
      throw Failure("“\(path)” does not end in .csv, .tsv or .jsonl.", cure: "Say which: data csv \(path)")
    }
    return format
  }

  /// The values of a column; throws with the nearest name where there is none of this name.
  public func column(_ column: String) throws -> [String] {
    guard let place = columns.firstIndex(of: column) else {
      throw unknown("column", column, among: columns, of: name)
    }
    return rows.map { $0[place] }
  }

  /// The rows as labelled texts, outer white space trimmed; throws with the line where a text or label is
  /// empty.
  public func labelled(text: String = "text", label: String = "label") throws -> [LabelledText] {
    let pairs = zip(try column(text), try column(label))
    return try zip(pairs, lines).map { pair, line in
      let trimmed = LabelledText(pair.0.trimmed, label: pair.1.trimmed)
      guard !trimmed.text.isEmpty, !trimmed.label.isEmpty else {
        let empty = trimmed.text.isEmpty ? text : label
        throw Failure("\(name): line \(line): \(empty) is empty.", cure: "Fill it in, or take the line out.")
      }
      return trimmed
    }
  }

  private typealias Parts = (columns: [String], rows: [[String]], lines: [Int])

  private static func headed(_ found: [DelimitedText.Row], _ name: String) throws -> Parts {
    guard let header = found.first else {
      throw Failure("\(name) is empty.", cure: "Its first line names the columns.")
    }
    let columns = header.fields.map(\.trimmed)
    try checkNames(columns, name, line: header.line)
    for row in found where row.fields.count != columns.count {
      throw Failure(
        "\(name): line \(row.line) has \(row.fields.count) fields; the first line names \(columns.count).",
        cure: "In csv, put a text that holds a comma in double quotes.",
        details: wrapped(columns, prefix: "columns: "))
    }
    let body = found.dropFirst()
    return (columns, body.map(\.fields), body.map(\.line))
  }

  private static func checkNames(_ columns: [String], _ name: String, line: Int) throws {
    var seen: Set<String> = []
    for column in columns where !seen.insert(column).inserted {
      throw Failure(
        "\(name): line \(line) names the column “\(column)” twice.", cure: "Give each its own name.")
    }
  }

  /// Keys that a line lacks are empty there; the columns are the keys of all lines, sorted.
  private static func objects(_ text: String, _ name: String) throws -> Parts {
    var found: [[String: String]] = []
    var lines: [Int] = []
    let split = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
    for (i, line) in split.enumerated() where line.contains(where: { $0 != 0x20 && $0 != 0x09 && $0 != 0x0D })
    {
      let place = "\(name): line \(i + 1):"
      let object = try JSONPlace(parsing: Array(line), name: "\(name): line \(i + 1)", line: i + 1)
      guard let members = object.members else { throw Failure("\(place) must be an object: {\"text\": …}.") }
      var row: [String: String] = [:]
      for (key, member) in members {
        guard let value = member.plain else { throw member.failure("a text, a number or a switch") }
        row[key] = value
      }
      found.append(row)
      lines.append(i + 1)
    }
    let columns = Set(found.flatMap(\.keys)).sorted()
    return (columns, found.map { row in columns.map { row[$0] ?? "" } }, lines)
  }
}

extension String {
  /// Without white space at either end.
  var trimmed: String {
    var scalars = unicodeScalars[...]
    while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
    while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
    return String(scalars)
  }
}
