import Events

/// What `graft --help` shows.
enum Usage {
  /// The usage of a face; of the first, of the whole program.
  static func text(of face: Face) -> String {
    let isWhole = face.name.isEmpty
    var lines =
      isWhole
      ? ["Graft: a notebook at the command line for learning parameter-efficient fine-tuning.", ""] : []
    let faces = isWhole ? Faces.all : [face]
    lines += rows(faces.map { (line(of: $0), $0.sentence) })
    let flags = (isWhole ? [] : face.flags) + Faces.common
    lines +=
      ["", "flags"] + rows(flags.map { ("--\($0.name)" + ($0.value.isEmpty ? "" : " " + $0.value), $0.help) })
    if isWhole { lines += ["", "In the notebook ? lists the commands, and lesson 0 begins the tour."] }
    return lines.joined(separator: "\n")
  }

  private static func line(of face: Face) -> String {
    var parts = ["graft", face.name, face.usage].filter { !$0.isEmpty }
    parts += face.flags.map { "[--\($0.name)\($0.value.isEmpty ? "" : " " + $0.value)]" }
    return parts.joined(separator: " ")
  }

  /// Two columns; a long first one has its line to itself.
  private static func rows(_ rows: [(String, String)]) -> [String] {
    rows.flatMap { name, text -> [String] in
      name.count > 14
        ? ["  " + name, String(repeating: " ", count: 18) + text] : ["  " + name.padded(to: 16) + text]
    }
  }
}
