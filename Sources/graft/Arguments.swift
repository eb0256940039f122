import Options

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The words and flags after `graft`.
struct Arguments {
  /// What is no flag.
  private(set) var words: [String] = []
  /// Flags with their values, in order; those without a value have an empty one.
  private(set) var flags: [(name: String, value: String)] = []

  /// Sorts words into flags and others; throws for a flag that the face does not know.
  init(_ all: [String], of face: Face) throws {
    let known = face.flags + Faces.common
    var at = 0, areFlagsOver = false
    while at < all.count {
      let word = all[at]
      at += 1
      if areFlagsOver || !word.hasPrefix("-") || word == "-" {
        words.append(word)
        continue
      }
      if word == "--" {
        areFlagsOver = true
        continue
      }
      let parts = word.drop { $0 == "-" }.split(
        separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = ["h": "help", "V": "version"][String(parts[0])] ?? String(parts[0])
      guard let flag = known.first(where: { $0.name == name }) else {
        throw Arguments.unknown(word, known)
      }
      if flag.value.isEmpty {
        guard parts.count == 1 else { throw Failure("--\(name) takes no value.") }
        flags.append((name, ""))
      } else if parts.count == 2 {
        flags.append((name, String(parts[1])))
      } else {
        guard at < all.count, !all[at].hasPrefix("--") else {
          throw Failure("--\(name) needs \(flag.value).")
        }
        flags.append((name, all[at]))
        at += 1
        // `--set a=1 b=2` gives both.
        while flag.value.hasSuffix("…"), at < all.count, all[at].contains("="), !all[at].hasPrefix("-") {
          flags.append((name, all[at]))
          at += 1
        }
      }
    }
    guard has("help") || has("version") || face.words.contains(words.count) else {
      throw Failure(
        words.count < face.words.lowerBound
          ? "graft \(face.name) needs \(face.usage)."
          : "there is a word too many: \(words[face.words.upperBound])",
        cure: "graft \(face.name.isEmpty ? "" : face.name + " ")--help")
    }
    if let width = value("width") {
      guard let columns = Int(width), (40...200).contains(columns) else {
        throw Failure("--width \(width) cannot be.", cure: "Columns go from 40 to 200.")
      }
    }
  }

  private static func unknown(_ word: String, _ known: [Face.Flag]) -> Failure {
    let name = String(word.drop { $0 == "-" }.prefix { $0 != "=" })
    let near = nearest(to: name, among: known.map(\.name))
    return Failure(
      "no flag \(word).", cure: near.map { "Did you mean --\($0)?" } ?? "graft --help lists them",
      details: ["there are: " + known.map { "--" + $0.name }.joined(separator: " ")])
  }

  /// Whether a flag was given.
  func has(_ name: String) -> Bool { flags.contains { $0.name == name } }

  /// The value of a flag: the last one given.
  func value(_ name: String) -> String? { flags.last { $0.name == name }?.value }

  /// All values of a flag.
  func values(_ name: String) -> [String] { flags.filter { $0.name == name }.map(\.value) }

  /// What must be known before the terminal is looked at: plain means a terminal without escape sequences.
  func takeEffect() {
    if has("plain") { setenv("TERM", "dumb", 1) }
  }
}
