import FileSystem
import Options

/// SentencePiece's: spaces become `▁`, one more is put before the text, and words begin with it.
struct MetaspacePreTokenizer: PreTokenizer {
  static let type = "Metaspace"
  private let fields: MetaspaceFields

  init(_ part: JSONPlace) throws { fields = try MetaspaceFields(part) }

  func cut(_ pieces: inout Pieces) {
    let mark = fields.mark
    pieces.rewrite { piece, begins, out in
      let start = out.count
      for byte in piece { if byte == 0x20 { out += mark } else { out.append(byte) } }
      let isMarked = out[start...].starts(with: mark)
      if !isMarked, fields.scheme == .always || fields.scheme == .first && begins {
        out.insert(contentsOf: mark, at: start)
      }
    }
    guard fields.splits, let first = mark.first else { return }
    pieces.cut { bytes, piece, out in
      var start = piece.lowerBound, i = start
      while i < piece.upperBound {
        if i > start, bytes[i] == first, i + mark.count <= piece.upperBound,
          bytes[i..<i + mark.count].elementsEqual(mark)
        {
          out.append(start..<i)
          start = i
        }
        i += 1
      }
      if start < piece.upperBound { out.append(start..<piece.upperBound) }
    }
  }
}

/// The fields of `Metaspace`, old and new.
struct MetaspaceFields: Sendable {
  enum Scheme: String, CaseIterable { case first, never, always }
  /// What stands for a space, as UTF-8.
  let mark: [UInt8]
  /// Where one is put before the text.
  let scheme: Scheme
  /// Whether words are cut.
  let splits: Bool

  init(_ part: JSONPlace) throws {
    guard let text = part["replacement"].text, text.unicodeScalars.count == 1 else {
      throw part["replacement"].failure("one letter")
    }
    mark = Array(text.utf8)
    splits = part["split"].flag ?? true
    if let name = part["prepend_scheme"].text {
      let names = Scheme.allCases.map(\.rawValue)
      guard let known = Scheme(rawValue: name) else {
        throw unknown("scheme", name, among: names, of: part["prepend_scheme"].place)
      }
      scheme = known
    } else {
      scheme = part["add_prefix_space"].flag == false ? .never : .always
    }
  }
}
