import CPTY
import Foundation

/// The path of an executable of this package, built together with the tests.
///
/// It lies beside the test bundle: this very image says where that is, whichever program runs the tests and
/// whatever the build folder is called. Throws with the places that were searched.
public func builtProduct(named name: String, file: String = #filePath) throws -> String {
  var folders: [String] = []
  if let image = cpty_image() { folders += ancestors(of: String(cString: image)) }
  folders += CommandLine.arguments.filter { $0.contains("/") }.flatMap(ancestors)
  for root in ancestors(of: file) { folders += [root + "/.build/debug", root + "/.build/release"] }
  for folder in folders {
    let path = folder + "/" + name
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG, access(path, X_OK) == 0 { return path }
  }
  throw Pty.Missing(description: "no built program \(name) in \(folders)")
}

/// The folders that a path lies in, the nearest first.
private func ancestors(of path: String) -> [String] {
  var parts = path.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
  var folders: [String] = []
  while parts.count > 1 {
    parts.removeLast()
    folders.append(parts.joined(separator: "/"))
  }
  return folders
}
