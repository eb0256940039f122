import FileSystem
import Formats

/// Paths on disk that begin as typed.
struct CompletionFiles {
  let files: any Files

  /// Names in the folder that was typed so far; folders end in a slash. Hidden ones only where a point was
  /// typed.
  func candidates(_ typed: String) -> [String] {
    let slash = typed.lastIndex(of: "/")
    let folder = slash.map { String(typed[...$0]) } ?? ""
    let leaf = slash.map { String(typed[typed.index(after: $0)...]) } ?? typed
    guard let names = try? files.names(in: folder.isEmpty ? "." : Self.expanded(folder)) else { return [] }
    return names.filter {
      $0.hasPrefix(leaf) && ($0.hasPrefix(".") == leaf.hasPrefix(".") || !$0.hasPrefix("."))
    }.map { name in
      let path = folder + name
      let isFolder = (try? files.kind(at: Self.expanded(path))) == .folder
      return isFolder ? path + "/" : path
    }
  }

  private static func expanded(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }
}
