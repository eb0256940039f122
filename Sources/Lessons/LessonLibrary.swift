import Events
import FileSystem
import Formats
import Options

/// Where lessons come from: the program's own, or a folder (for authors).
public struct LessonLibrary {
  /// Names of files by language, with a way to read them.
  let names: (Language) -> [String]
  let text: (Language, String) throws -> String

  /// Lessons in a folder with sub-folders `en` and `zh-Hans`.
  public init(folder: String, files: any Files = .disk) {
    names = { language in
      let path = Path.join(folder, language.rawValue)
      return ((try? files.names(in: path)) ?? []).filter { $0.hasSuffix(".md") }.sorted()
    }
    text = { language, name in try files.text(of: Path.join(Path.join(folder, language.rawValue), name)) }
  }

  /// The lessons that travel with the program.
  public static var bundled: LessonLibrary { LessonLibrary(folder: "lessons", files: EmbeddedFiles()) }

  /// All lessons of a language, in order; those that are missing in it come in English.
  public func lessons(_ language: Language) throws -> [Lesson] {
    try names(.en).map { name in
      let chosen: Language = names(language).contains(name) ? language : .en
      return try LessonReader.read(text(chosen, name), file: "\(chosen.rawValue)/\(name)")
    }
  }

  /// Lessons that are there in a language itself.
  public func own(_ language: Language) throws -> [Lesson] {
    try names(language).map { try LessonReader.read(text(language, $0), file: "\(language.rawValue)/\($0)") }
  }
}
