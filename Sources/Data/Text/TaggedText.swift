import Options

/// A sentence whose words each have a tag, such as `B-PER` for the first word of a person's name.
public struct TaggedText: Sendable, Equatable {
  /// The words.
  public let words: [String]
  /// The tag of each word.
  public let tags: [String]

  /// A sentence; each word has its tag.
  public init(words: [String], tags: [String]) { (self.words, self.tags) = (words, tags) }

  /// The sentences of a text in columns, as the CoNLL tasks have them: a word a line, its tag in the last column, what
  /// stands between them left out; an empty line ends a sentence. Lines of `-DOCSTART-` are no words.
  ///
  /// Throws with the line where a word has no tag, and where there is no sentence at all.
  public static func read(_ text: String, name: String) throws -> [TaggedText] {
    var sentences: [TaggedText] = [], words: [String] = [], tags: [String] = []
    func end() {
      if !words.isEmpty { sentences.append(TaggedText(words: words, tags: tags)) }
      (words, tags) = ([], [])
    }
    for (number, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
      .enumerated()
    {
      let columns = line.split(whereSeparator: \.isWhitespace)
      guard let word = columns.first, word != "-DOCSTART-" else {
        end()
        continue
      }
      guard columns.count > 1 else {
        throw Failure(
          "\(name), line \(number + 1): “\(word)” has no tag.",
          cure: "A word and its tag a line, with white space between: Paris B-LOC")
      }
      words.append(String(word))
      tags.append(String(columns[columns.count - 1]))
    }
    end()
    guard !sentences.isEmpty else {
      throw Failure("\(name) has no tagged words.", cure: "A word and its tag a line: Paris B-LOC")
    }
    return sentences
  }

  /// The tags of some sentences, each once: `O`, which is no name, first, the others by their letters.
  public static func labels(_ sentences: [TaggedText]) throws -> LabelSet {
    let all = Set(sentences.flatMap(\.tags))
    return try LabelSet((all.contains("O") ? ["O"] : []) + all.subtracting(["O"]).sorted())
  }
}
