import FileSystem
import Options

/// Changes a text before it is cut: one step of a tokenizer's file.
protocol Normalizer: Sendable {
  /// The word under `type`.
  static var type: String { get }
  /// Reads its fields.
  init(_ part: JSONPlace) throws
  /// The changed text.
  func normalize(_ text: [UInt8]) throws -> [UInt8]
}

/// The catalog of normalizers.
enum Normalizers {
  static var all: [any Normalizer.Type] {
    [
      NormalizerSequence.self, BertNormalizer.self, CanonicalComposed.self, CanonicalDecomposed.self,
      CompatibleComposed.self, CompatibleDecomposed.self, LowercaseNormalizer.self, StripAccents.self,
      StripNormalizer.self, ReplaceNormalizer.self, PrependNormalizer.self, PrecompiledNormalizer.self,
      NmtNormalizer.self, ByteLevelNormalizer.self,
    ]
  }

  /// The normalizer of a part; nil where the part is null.
  static func read(_ part: JSONPlace) throws -> (any Normalizer)? {
    if part.isNull { return nil }
    return try TokenizerPart.choose(part, "normalizer", all.map { ($0.type, $0) }).init(part)
  }
}

/// What the catalogs of a tokenizer's parts share.
enum TokenizerPart {
  /// The entry that a part's `type` names; throws with the nearest name and the list.
  static func choose<Entry>(_ part: JSONPlace, _ kind: String, _ entries: [(name: String, Entry)]) throws
    -> Entry
  {
    guard let type = part["type"].text else { throw part["type"].failure("the name of a \(kind)") }
    if let entry = entries.first(where: { $0.name == type }) { return entry.1 }
    let failure = unknown(kind, type, among: entries.map(\.name), of: part["type"].place)
    throw Failure(
      failure.what,
      cure: failure.cure.isEmpty ? "Open a tokenizer made of parts that Graft knows." : failure.cure,
      details: failure.details)
  }

  /// The error that a value is not followed.
  static func unsupported(_ value: JSONPlace, _ why: String) -> Failure {
    Failure("\(value.place) is \(value.plain ?? "not simple") here: \(why).")
  }
}

/// Several normalizers in turn.
struct NormalizerSequence: Normalizer {
  static let type = "Sequence"
  private let steps: [any Normalizer]

  init(_ part: JSONPlace) throws {
    guard let list = part["normalizers"].list else { throw part["normalizers"].failure("a list") }
    steps = try list.compactMap(Normalizers.read)
  }

  func normalize(_ text: [UInt8]) throws -> [UInt8] { try steps.reduce(text) { try $1.normalize($0) } }
}
