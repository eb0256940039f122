import FileSystem
import Formats
import Texts

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The project's own source, for `??topic`: what travels inside the program, else the folder that it was
/// built in.
public enum HelpSource {
  /// The text of a file by its path from the project's folder; nil where it is not at hand.
  public static func text(_ path: String) -> String? { Texts.text(path) ?? nearby(path) }

  /// The text of a file by its path from the project's folder; nil where that is not around the program.
  static func nearby(_ path: String) -> String? {
    guard !path.split(separator: "/").contains("..") else { return nil }
    var folder = program
    while let slash = folder.lastIndex(of: "/") {
      folder = String(folder[..<slash])
      if let text = try? DiskFiles().text(of: folder + "/" + path) { return text }
    }
    return nil
  }

  /// The path of the program that runs.
  private static var program: String {
    #if canImport(Glibc)
      return realpath("/proc/self/exe", nil).map { path in
        defer { free(path) }
        return String(cString: path)
      } ?? ""
    #else
      return CommandLine.arguments.first.flatMap { realpath($0, nil) }.map { path in
        defer { free(path) }
        return String(cString: path)
      } ?? ""
    #endif
  }

  /// The path of the file that declares a type of a catalog: `Methods.LoRA` is in
  /// `Sources/Methods/LoRA.swift`.
  static func path(of type: Any.Type) -> String {
    let name = String(reflecting: type).split(separator: ".").map(String.init)
    guard name.count == 2 else { return "" }
    let folder: String
    switch name[0] {
    case "Notebook" where name[1].hasSuffix("View"): folder = "Notebook/Views"
    case "Notebook", "Lessons": folder = name[0] + "/Commands"
    case "Training": folder = "Training/Optimisers"
    default: folder = name[0]
    }
    return "Sources/\(folder)/\(name[1]).swift"
  }
}
