import Options

/// Reads comma- and tab-separated text into fields, and says on which line each row begins.
///
/// Commas follow RFC 4180: a field in double quotes may hold commas, line ends and doubled quotes. Tabs
/// have no quoting: a quote is a letter like others. Lines end by LF or CRLF; blank lines are passed over.
enum DelimitedText {
  struct Row: Equatable {
    var line: Int
    var fields: [String]
  }

  static func tabs(_ text: String) -> [Row] {
    var rows: [Row] = []
    for (i, line) in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
      let body = line.last == 0x0D ? line.dropLast() : line
      if body.isEmpty { continue }
      let fields = body.split(separator: 0x09, omittingEmptySubsequences: false)
      rows.append(Row(line: i + 1, fields: fields.map { String(Substring($0)) }))
    }
    return rows
  }

  /// `name` is what an error calls the text.
  static func commas(_ text: String, name: String) throws -> [Row] {
    var reader = CommaReader(bytes: Array(text.utf8), name: name)
    var rows: [Row] = []
    while let row = try reader.row() {
      if row.fields != [""] { rows.append(row) }
    }
    return rows
  }
}

/// A place in comma-separated text.
private struct CommaReader {
  let bytes: [UInt8]
  let name: String
  private var at = 0
  private var line = 1

  init(bytes: [UInt8], name: String) {
    self.bytes = bytes
    self.name = name
  }

  /// The next row, or nil at the end.
  mutating func row() throws -> DelimitedText.Row? {
    guard at < bytes.count else { return nil }
    let start = line
    var fields: [String] = []
    while true {
      fields.append(at < bytes.count && bytes[at] == UInt8(ascii: "\"") ? try quoted() : plain())
      if at < bytes.count, bytes[at] == UInt8(ascii: ",") {
        at += 1
        continue
      }
      takeLineEnd()
      return DelimitedText.Row(line: start, fields: fields)
    }
  }

  private mutating func plain() -> String {
    let start = at
    while at < bytes.count, bytes[at] != UInt8(ascii: ","), !isLineEnd { at += 1 }
    return String(decoding: bytes[start..<at], as: UTF8.self)
  }

  private mutating func quoted() throws -> String {
    let start = line
    var field: [UInt8] = []
    at += 1
    while at < bytes.count {
      let byte = bytes[at]
      at += 1
      if byte == 0x0A { line += 1 }
      guard byte == UInt8(ascii: "\"") else {
        field.append(byte)
        continue
      }
      if at < bytes.count, bytes[at] == UInt8(ascii: "\"") {
        field.append(byte)
        at += 1
        continue
      }
      guard at == bytes.count || bytes[at] == UInt8(ascii: ",") || isLineEnd else {
        throw Failure(
          "\(name): line \(line): a letter follows a closing quote.",
          cure: "Inside a quoted field a quote is written twice: \"he said \"\"no\"\"\".")
      }
      return String(decoding: field, as: UTF8.self)
    }
    throw Failure(
      "\(name): line \(start): a quote is opened here and never closed.", cure: "Close it, or double it.")
  }

  private var isLineEnd: Bool {
    bytes[at] == 0x0A || bytes[at] == 0x0D && (at + 1 == bytes.count || bytes[at + 1] == 0x0A)
  }

  private mutating func takeLineEnd() {
    if at < bytes.count, bytes[at] == 0x0D { at += 1 }
    if at < bytes.count, bytes[at] == 0x0A { at += 1 }
    line += 1
  }
}
