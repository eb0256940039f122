import FileSystem
import Options

/// The letter tokenizer as a `tokenizer.json`: one word a letter, so that Hugging Face's library reads it too.
///
///     pre_tokenizer Split: every letter by itself        model WordLevel: letter → id        decoder Fuse
extension TokenizerFile {
  /// Reads whatever tokenizer a file holds; letters by themselves are read as such.
  public static func open(_ bytes: [UInt8], name: String = "tokenizer.json") throws -> any Tokenizer {
    let root = try JSONPlace(parsing: bytes, name: name)
    if isLetters(root) { return try letters(root) }
    return try PipelineTokenizer(root, file: bytes)
  }

  private static func isLetters(_ root: JSONPlace) -> Bool {
    root["model"]["type"].text == "WordLevel" && root["pre_tokenizer"]["pattern"]["Regex"].text == anyLetter
  }

  /// The file's text for any tokenizer that has this form, or nil.
  public static func text(of tokenizer: any Tokenizer) -> String? {
    switch tokenizer {
    case let pairs as BytePairTokenizer: return text(pairs)
    case let pipeline as PipelineTokenizer: return String(decoding: pipeline.file, as: UTF8.self)
    case let letters as CharacterTokenizer: return text(letters)
    default: return nil
    }
  }

  /// The file's text for a tokenizer of letters.
  public static func text(_ tokenizer: CharacterTokenizer) -> String {
    let vocabulary = tokenizer.letters.enumerated().map { "\(JSON.quoted(String($0.element))):\($0.offset)" }
    let parts = [
      "\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\"added_tokens\":[],\"normalizer\":null",
      "\"pre_tokenizer\":{\"type\":\"Split\",\"pattern\":{\"Regex\":\(JSON.quoted(anyLetter))},"
        + "\"behavior\":\"Isolated\",\"invert\":false}",
      "\"post_processor\":null,\"decoder\":{\"type\":\"Fuse\"}",
      // The unknown word is none of the vocabulary: a letter without an id is an error there as it is here.
      "\"model\":{\"type\":\"WordLevel\",\"vocab\":{\(vocabulary.joined(separator: ","))},\"unk_token\":\"\"}",
    ]
    return "{" + parts.joined(separator: ",") + "}"
  }

  private static let anyLetter = "[\\s\\S]"

  private static func letters(_ root: JSONPlace) throws -> CharacterTokenizer {
    let split = root["pre_tokenizer"], vocabulary = root["model"]["vocab"]
    guard split["type"].text == "Split", split["pattern"]["Regex"].text == anyLetter,
      split["behavior"].text == "Isolated", root["normalizer"].isNull, root["post_processor"].isNull
    else {
      throw Failure(
        "\(root["model"]["type"].place) is WordLevel here: only a tokenizer of letters can be read.")
    }
    guard let members = vocabulary.members else {
      throw vocabulary.failure("an object of letters and their ids")
    }
    var letters = [Unicode.Scalar?](repeating: nil, count: members.count)
    for (token, value) in members {
      guard token.unicodeScalars.count == 1, let letter = token.unicodeScalars.first else {
        throw Failure("\(value.place): “\(token)” is not one letter.")
      }
      guard let id = value.integer, letters.indices.contains(id), letters[id] == nil else {
        throw value.failure("a whole number from 0 to \(members.count - 1), each once")
      }
      letters[id] = letter
    }
    return CharacterTokenizer(letters: String(String.UnicodeScalarView(letters.compactMap { $0 })))
  }
}
