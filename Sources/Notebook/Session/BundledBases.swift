import Data
import Engine
import Events
import Formats
import Networks
import Options
import Texts

/// Small bases that the project trained itself and that travel inside the program.
enum BundledBases {
  /// Those of an architecture, by Hugging Face's word for it, in the order of their size.
  static func names(_ type: String) -> [String] {
    Texts.names.compactMap { name -> String? in
      let parts = name.split(separator: "/")
      guard parts.count == 4, parts[1] == "models", parts[3] == "config.json" else { return nil }
      return Texts.text(name)?.contains("\"model_type\": \"\(type)\"") == true ? String(parts[2]) : nil
    }
  }

  /// The option that names one.
  static func option<Holder>(_ type: String, _ path: WritableKeyPath<Holder, String>) -> Option<Holder> {
    Option(
      name: "base", help: "a base that comes with the program", kind: .word(names(type)),
      read: { .text($0[keyPath: path]) },
      write: { holder, value in
        let name = value.asText ?? ""
        guard names(type).contains(name) else { throw unknown("base", name, among: names(type)) }
        holder[keyPath: path] = name
      })
  }

  /// What a base knows, in a line.
  static func sentence(_ name: String) -> String {
    switch name {
    case "alphabet":
      return "trained on four skills: +1 +2 +3 −1; no model gets below a loss of ln 4/15 = 0.0924"
    case "vision": return "trained on 54,000 pictures of clothes, shoes and bags (Fashion-MNIST)"
    default: return "trained on short texts people wrote: tweets, reviews, editorials"
    }
  }

  /// Opens one as a subject.
  static func open(_ name: String, as bound: String, classes: Int = 0, _ session: Session) throws -> Subject {
    let folder = try BaseFolder(
      "lessons/models/" + name, head: classes > 0 ? NewHead(classes) : nil, chance: session.chance,
      files: EmbeddedFiles())
    let model = folder.model, origin = "\(model.architecture.title) base=\(name)"
    guard model.network.reads == .tokens else { return Subject(bound, model, NoText(), origin: origin) }
    guard let tokenizer = folder.tokenizer else {
      throw Failure("the base “\(name)” came without its tokenizer.", cure: "make models writes it anew")
    }
    return Subject(bound, model, tokenizer, origin: origin)
  }
}
