/// A way to use Graft, chosen by the first word after `graft`: a line in the catalog.
struct Face {
  /// A flag that it knows.
  struct Flag {
    /// The name after the two dashes.
    let name: String
    /// What follows it, as in `N`; empty: nothing.
    let value: String
    /// What it does.
    let help: String

    init(_ name: String, _ value: String = "", _ help: String) {
      self.name = name
      self.value = value
      self.help = help
    }
  }

  /// The word; empty: the face without a word.
  let name: String
  /// What follows the word.
  let usage: String
  /// What it does, in one line.
  let sentence: String
  /// How many words it takes.
  let words: ClosedRange<Int>
  /// Its own flags.
  let flags: [Flag]
  /// Runs it and gives the exit code.
  let run: (Arguments) throws -> Int32
}
