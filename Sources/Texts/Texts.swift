import CTexts

/// Files of the project that travel inside the program: methods' sources, lessons, bases.
///
/// A name is the file's path in the project: `Sources/Methods/LoRA.swift`, `lessons/en/00-tour.md`.
public enum Texts {
  /// All names, in the order of the list.
  public static var names: [String] { files.map { String(cString: $0.name) } }

  /// The bytes of a file, there as long as the program and aligned to nothing; nil where there is no such name.
  public static func bytes(_ name: String) -> UnsafeRawBufferPointer? {
    files.first { String(cString: $0.name) == name }.map {
      UnsafeRawBufferPointer(start: $0.bytes, count: $0.size)
    }
  }

  /// A file as text, what is not UTF-8 as U+FFFD; nil where there is no such name.
  public static func text(_ name: String) -> String? {
    bytes(name).map { String(decoding: $0, as: UTF8.self) }
  }

  private static var files: UnsafeBufferPointer<ctexts_file> {
    var count = 0
    let start = ctexts_files(&count)
    return UnsafeBufferPointer(start: start, count: count)
  }
}
