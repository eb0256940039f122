import Data
import Engine
import Events
import Formats
import Networks
import Options
import Texts

/// Small bases that the project trained itself and that travel inside the program.
enum BundledBases {
  /// Those that are there, in the order of their size.
  static var names: [String] {
    Texts.names.compactMap { name -> String? in
      let parts = name.split(separator: "/")
      return parts.count == 4 && parts[1] == "models" && parts[3] == "config.json" ? String(parts[2]) : nil
    }
  }

  /// What a base knows, in a line.
  static func sentence(_ name: String) -> String {
    switch name {
    case "alphabet":
      return "trained on four skills: +1 +2 +3 −1; no model gets below a loss of ln 4/15 = 0.0924"
    default: return "trained on short texts people wrote: tweets, reviews, editorials"
    }
  }

  /// Opens one as a subject.
  static func open(_ name: String, as bound: String, classes: Int = 0, _ session: Session) throws -> Subject {
    let folder = try BaseFolder(
      "lessons/models/" + name, classes: classes > 0 ? classes : nil, chance: session.chance,
      files: EmbeddedFiles())
    guard let tokenizer = folder.tokenizer else {
      throw Failure("the base “\(name)” came without its tokenizer.", cure: "make models writes it anew")
    }
    return Subject(bound, folder.model, tokenizer, origin: "gpt base=\(name)")
  }
}
