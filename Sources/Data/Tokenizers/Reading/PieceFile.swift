import FileSystem
import Options

/// SentencePiece's model file: pieces with scores and kinds, and how texts are cleaned.
///
///     1 pieces {1 text, 2 score, 3 kind}    2 trainer {3 type, 35 byte fallback, 40… ids}    3 normalizer
struct PieceFile {
  /// What a piece is, by the file's number.
  enum Kind: UInt64 { case normal = 1, unknown, control, userDefined, unused, byte }

  struct Piece {
    var text = ""
    var score: Float = 0
    var kind = Kind.normal
  }

  private(set) var pieces: [Piece] = []
  private(set) var isPairs = false
  private(set) var fallsBack = false
  private(set) var unknown = 0
  private(set) var charsmap: [UInt8] = []
  private(set) var addsPrefix = true
  private(set) var removesSpaces = true
  private let name: String

  /// Reads a file's bytes.
  init(_ bytes: [UInt8], name: String) throws {
    self.name = name
    do { try bytes.withUnsafeBytes { try read($0) } } catch let failure as Failure {
      throw Failure(
        "\(shown(name)) is not a sound SentencePiece model: \(failure.what).", cure: "Fetch the file again.")
    }
    guard !pieces.isEmpty else {
      throw Failure(
        "\(shown(name)) is not a sound SentencePiece model: it has no pieces.", cure: "Fetch the file again.")
    }
  }

  /// A model from parts that another file holds.
  init(
    pieces: [Piece], isPairs: Bool, addsPrefix: Bool, removesSpaces: Bool, charsmap: [UInt8], unknown: Int,
    name: String
  ) {
    self.name = name
    (self.pieces, self.isPairs, self.addsPrefix) = (pieces, isPairs, addsPrefix)
    (self.removesSpaces, self.charsmap, self.unknown) = (removesSpaces, charsmap, unknown)
    fallsBack = pieces.contains { $0.kind == .byte }
  }

  private mutating func read(_ bytes: UnsafeRawBufferPointer) throws {
    var message = Protobuf(bytes)
    while let (field, value) = try message.next() {
      guard case .bytes(let range) = value else { continue }
      switch field {
      case 1: pieces.append(try piece(bytes, range))
      case 2: try trainer(bytes, range)
      case 3: try normalizer(bytes, range)
      default: continue
      }
    }
  }

  private func piece(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws -> Piece {
    var piece = Piece(), message = Protobuf(bytes, range)
    while let (field, value) = try message.next() {
      switch (field, value) {
      case (1, .bytes(let range)):
        guard let text = String(validating: bytes[range], as: UTF8.self) else {
          throw Failure("a piece is not UTF-8")
        }
        piece.text = text
      case (2, .word32(let bits)):
        piece.score = Float(bitPattern: bits)
        guard piece.score.isFinite else { throw Failure("the score of “\(piece.text)” is no number") }
      case (3, .number(let kind)):
        guard let known = Kind(rawValue: kind) else { throw Failure("a piece has the unknown kind \(kind)") }
        piece.kind = known
      default: continue
      }
    }
    return piece
  }

  private mutating func trainer(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws {
    var message = Protobuf(bytes, range)
    while let (field, value) = try message.next() {
      guard case .number(let n) = value else { continue }
      switch field {
      case 3:
        guard n == 1 || n == 2 else { throw Failure("it is neither unigram nor byte pairs (type \(n))") }
        isPairs = n == 2
      case 35: fallsBack = n != 0
      case 40: unknown = Int(clamping: n)
      default: continue
      }
    }
  }

  private mutating func normalizer(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws {
    var message = Protobuf(bytes, range)
    while let (field, value) = try message.next() {
      switch (field, value) {
      case (2, .bytes(let range)): charsmap = Array(bytes[range])
      case (3, .number(let n)): addsPrefix = n != 0
      case (4, .number(let n)): removesSpaces = n != 0
      default: continue
      }
    }
  }
}

// MARK: As tokenizer.json

extension PieceFile {
  /// The document of a tokenizer that cuts as SentencePiece itself does.
  func document(_ settings: TokenizerSettings) throws -> JSON {
    guard pieces.indices.contains(unknown) else {
      throw Failure(
        "\(shown(name)): the unknown piece has the id \(unknown), of \(pieces.count).",
        cure: "Fetch it again.")
    }
    let kinds: Set<Kind> = [.control, .userDefined]
    var marks = pieces.enumerated().filter { kinds.contains($1.kind) }
      .map { OldForms.added($0, $1.text, special: $1.kind != .userDefined) }
    // T5's hundred marks of cut-out text lie behind the pieces, the first one last.
    let extra = settings.config?["extra_ids"]?.asInteger ?? 0
    for i in 0..<min(max(extra, 0), 1000) {
      marks.append(OldForms.added(pieces.count + extra - 1 - i, "<extra_id_\(i)>"))
    }
    return OldForms.document(
      added: marks, normalizer: normalizer, pre: pre, post: try post(settings), decoder: decoder,
      model: try model())
  }

  private func replace(_ pattern: JSON, _ content: String) -> JSON {
    ["type": "Replace", "pattern": pattern, "content": .string(content)]
  }

  private var normalizer: JSON {
    var steps: [JSON] = []
    if !charsmap.isEmpty {
      steps.append(["type": "Precompiled", "precompiled_charsmap": .string(Base64.text(charsmap))])
    }
    // Only spaces count: other white space is left alone.
    if removesSpaces {
      steps.append(replace(["Regex": "\\A +| +\\z"], ""))
      steps.append(replace(["Regex": " {2,}"], " "))
    }
    steps.append(replace(["String": " "], "▁"))
    // Metaspace puts none before a text that begins with one.
    if addsPrefix { steps.append(replace(["Regex": "\\A▁"], "▁▁")) }
    return ["type": "Sequence", "normalizers": .array(steps)]
  }

  private var pre: JSON {
    guard addsPrefix else { return .null }
    return ["type": "Metaspace", "replacement": "▁", "prepend_scheme": "always", "split": false]
  }

  private var decoder: JSON {
    var steps = [replace(["String": "▁"], " ")]
    if fallsBack { steps.append(["type": "ByteFallback"]) }
    steps.append(["type": "Fuse"])
    if addsPrefix { steps.append(["type": "Strip", "content": " ", "start": 1, "stop": 0]) }
    return ["type": "Sequence", "decoders": .array(steps)]
  }

  /// T5 and its kin end with `</s>`; Llama begins with `<s>`.
  private func post(_ settings: TokenizerSettings) throws -> JSON {
    func mark(_ key: String, _ usual: String) -> [(token: String, id: Int)] {
      let token = settings.token(key) ?? usual
      return pieces.firstIndex { ExactText.same($0.text, token) }.map { [(token, $0)] } ?? []
    }
    let begins = settings.flag("add_bos_token") ?? isPairs, ends = settings.flag("add_eos_token") ?? !isPairs
    let before = begins ? mark("bos_token", "<s>") : [], after = ends ? mark("eos_token", "</s>") : []
    return OldForms.template(before: before, after: after, between: after)
  }

  private func model() throws -> JSON {
    if !isPairs {
      return [
        "type": "Unigram", "unk_id": .integer(unknown), "byte_fallback": .bool(fallsBack),
        "vocab": .array(pieces.map { [.string($0.text), .number(Double($0.score))] }),
      ]
    }
    var vocabulary = JSON.Object()
    for (id, piece) in pieces.enumerated() {
      guard vocabulary.add(piece.text, .integer(id)) else {
        throw Failure(
          "\(shown(name)): the piece “\(piece.text)” stands twice.", cure: "Fetch the file again.")
      }
    }
    return OldForms.pairModel(
      .object(vocabulary), .array(Self.merges(pieces)), unknown: pieces[unknown].text, fallsBack: fallsBack,
      fuses: true,
      ignoresMerges: pieces.contains { $0.kind == .userDefined })
  }

  /// Byte pairs are not in the file: every way to cut a piece into two others, the best pieces first.
  static func merges(_ pieces: [Piece]) -> [JSON] {
    var ids: [ExactText: Int] = [:]
    for (id, piece) in pieces.enumerated() where piece.kind == .normal { ids[ExactText(piece.text)] = id }
    var found: [(left: String, right: String, score: Float)] = []
    for piece in pieces where piece.kind == .normal {
      let letters = Array(piece.text.unicodeScalars)
      // No sane piece is longer, and every cut is looked at.
      guard letters.count > 1, letters.count <= 512 else { continue }
      var cuts: [(left: String, right: String, score: Float)] = []
      for cut in 1..<letters.count {
        var left = String.UnicodeScalarView(), right = String.UnicodeScalarView()
        left.append(contentsOf: letters[..<cut])
        right.append(contentsOf: letters[cut...])
        guard ids[ExactText(String(left))] != nil, ids[ExactText(String(right))] != nil else { continue }
        cuts.append((String(left), String(right), piece.score))
      }
      found += cuts
    }
    let order = found.indices.sorted {
      found[$0].score != found[$1].score ? found[$0].score > found[$1].score : $0 < $1
    }
    return order.map { [.string(found[$0].left), .string(found[$0].right)] }
  }
}
