import FileSystem
import Options

/// Byte-pair encoding: neighbours are joined in the order of the learned merges, leftmost first.
///
/// Units are bytes, or scalars with unknown ones as their bytes (`<0xE2>`) or as the unknown token.
struct PairModel: TokenModel {
  static let type = "BPE"
  let vocabulary: TokenVocabulary
  private let joins: PairTable
  private let byteIds: [Int32]
  private let fallback: [Int32?]?
  private let unknown: Int32?
  private let fuses, ignoresMerges, isByteLevel: Bool
  private let prefix, suffix: [UInt8]

  init(_ part: JSONPlace, isByteLevel: Bool) throws {
    let dropout = part["dropout"]
    guard dropout.isNull || dropout.value?.asNumber == 0 else {
      throw TokenizerPart.unsupported(
        dropout, "only null can be read, as the same text must give the same ids")
    }
    prefix = Array((part["continuing_subword_prefix"].text ?? "").utf8)
    suffix = Array((part["end_of_word_suffix"].text ?? "").utf8)
    self.isByteLevel = isByteLevel && prefix.isEmpty && suffix.isEmpty
    if isByteLevel, !self.isByteLevel {
      throw TokenizerPart.unsupported(part["continuing_subword_prefix"], "not together with ByteLevel")
    }
    let vocabulary = try TokenVocabulary(part["vocab"], isByteLevel: isByteLevel)
    self.vocabulary = vocabulary
    joins = PairTable(try Self.merges(part["merges"], vocabulary, prefix))
    byteIds = (0..<256).map { vocabulary.ids.find([UInt8($0)]) ?? -1 }
    fallback = part["byte_fallback"].flag == true ? vocabulary.byteTokens : nil
    unknown = try part["unk_token"].text.map { token in
      guard let id = vocabulary.id(of: token) else {
        throw Failure("\(part["unk_token"].place): “\(token)” is not in model.vocab.")
      }
      return id
    }
    fuses = part["fuse_unk"].flag ?? false
    ignoresMerges = part["ignore_merges"].flag ?? false
  }

  /// The merges; files of before 2024 write "a b", later ones ["a", "b"].
  private static func merges(
    _ part: JSONPlace, _ vocabulary: TokenVocabulary, _ prefix: [UInt8]
  ) throws -> [(left: Int, right: Int, joined: Int)] {
    guard let list = part.value?.asArray else { throw part.failure("a list") }
    var out: [(left: Int, right: Int, joined: Int)] = []
    out.reserveCapacity(list.count)
    func place(_ i: Int) -> String { "\(part.place)[\(i)]" }
    for (i, merge) in list.enumerated() {
      let parts: [String]
      if let text = merge.asString {
        parts = TokenizerFile.halves(text)
      } else {
        parts = merge.asArray?.compactMap(\.asString) ?? []
      }
      guard parts.count == 2 else { throw Failure("\(place(i)) must be two tokens.") }
      let tail = prefix.isEmpty ? Array(parts[1].utf8) : Array(parts[1].utf8.dropFirst(prefix.count))
      let joined = String(decoding: Array(parts[0].utf8) + tail, as: UTF8.self)
      let ids = try [parts[0], parts[1], joined].map { token -> Int in
        guard let id = vocabulary.id(of: token) else {
          throw Failure("\(place(i)): “\(token)” is not in model.vocab.")
        }
        return Int(id)
      }
      out.append((ids[0], ids[1], ids[2]))
    }
    return out
  }

  func encode(
    _ bytes: UnsafeBufferPointer<UInt8>, _ piece: Range<Int>, _ work: inout EncodingWork, _ out: inout [Int32]
  ) throws {
    if ignoresMerges, let base = bytes.baseAddress,
      let whole = vocabulary.ids.find(base + piece.lowerBound, piece.count)
    {
      return out.append(whole)
    }
    work.symbols.removeAll(keepingCapacity: true)
    if isByteLevel {
      var isUnknown = false
      for i in piece {
        let id = byteIds[Int(bytes[i])]
        if id >= 0 {
          work.symbols.append(id)
        } else if let unknown, !(fuses && isUnknown) {
          work.symbols.append(unknown)
        }
        isUnknown = id < 0
      }
    } else {
      units(bytes, piece, &work.symbols)
    }
    if work.symbols.count > 48 {
      PairMerging.long(&work.symbols, joins)
    } else {
      PairMerging.short(&work, joins)
    }
    out += work.symbols
  }

  /// The first symbols of a piece: its scalars, with unknown ones as their bytes or as the unknown token.
  private func units(
    _ bytes: UnsafeBufferPointer<UInt8>, _ piece: Range<Int>, _ out: inout [Int32]
  ) {
    guard let base = bytes.baseAddress else { return }
    var i = piece.lowerBound, isUnknown = false
    let isPlain = prefix.isEmpty && suffix.isEmpty
    while i < piece.upperBound {
      let length = UTF8Walk.scalar(bytes, i, piece.upperBound).length
      let found: Int32?
      if isPlain {
        found = vocabulary.ids.find(base + i, length)
      } else {
        let head = i > piece.lowerBound ? prefix : [], tail = i + length == piece.upperBound ? suffix : []
        found = vocabulary.ids.find(head + Array(bytes[i..<i + length]) + tail)
      }
      if let found {
        out.append(found)
        isUnknown = false
      } else if let fallback, case let ids = bytes[i..<i + length].map({ fallback[Int($0)] }),
        !ids.contains(nil)
      {
        out += ids.compactMap { $0 }
      } else if let unknown {
        if !(fuses && isUnknown) { out.append(unknown) }
        isUnknown = true
      }
      i += length
    }
  }
}
