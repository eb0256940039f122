import FileSystem
import Options

/// Turns a piece of text into ids: the core of a tokenizer's file.
protocol TokenModel: Sendable {
  /// The word under `type`.
  static var type: String { get }
  /// Reads its fields; with `isByteLevel` its tokens are written in the byte alphabet, and pieces come as bytes.
  init(_ part: JSONPlace, isByteLevel: Bool) throws
  /// The tokens by id and the ids by token.
  var vocabulary: TokenVocabulary { get }
  /// Adds the ids of a piece; throws where there are none.
  func encode(
    _ bytes: UnsafeBufferPointer<UInt8>, _ piece: Range<Int>, _ work: inout EncodingWork, _ out: inout [Int32]
  ) throws
}

/// The catalog of models.
enum TokenModels {
  static var all: [any TokenModel.Type] {
    [PairModel.self, UnigramModel.self, WordPieceModel.self, WordLevelModel.self]
  }

  /// The model of a part; files of before 2020 do not name it.
  static func read(_ part: JSONPlace, isByteLevel: Bool) throws -> any TokenModel {
    guard part.value?.asObject != nil else {
      throw part["vocab"].failure("an object of tokens and their ids")
    }
    if part["type"].isNull {
      let kind: any TokenModel.Type =
        part["vocab"].value?.asArray != nil
        ? UnigramModel.self
        : part["merges"].isNull
          ? (part["continuing_subword_prefix"].isNull ? WordLevelModel.self : WordPieceModel.self)
          : PairModel.self
      return try kind.init(part, isByteLevel: isByteLevel)
    }
    return try TokenizerPart.choose(part, "model", all.map { ($0.type, $0) }).init(
      part, isByteLevel: isByteLevel)
  }
}

/// Room that encoding uses again and again.
struct EncodingWork {
  var symbols: [Int32] = []
  var ranks: [UInt64] = []
  var places: [UnigramModel.Place] = []
}
