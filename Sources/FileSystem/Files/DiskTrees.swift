import Options

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

// Folders with all that is in them. Only the real disk has these: they must see links without following them.
extension DiskFiles {
  /// Removes a file, or a folder with all that is in it; a link is removed, not followed. Where nothing is,
  /// nothing happens.
  public func removeAll(_ path: String) throws {
    try Path.check(path)
    var info = stat()
    guard lstat(path, &info) == 0 else {
      if errno == ENOENT || errno == ENOTDIR { return }
      throw Failure.system("look at", path, errno)
    }
    if info.st_mode & S_IFMT == S_IFDIR {
      for name in try names(in: path) { try removeAll(Path.join(path, name)) }
    }
    try remove(path)
  }

  /// Puts a finished folder in the place of another, which is removed with all that is in it.
  public func replaceFolder(_ path: String, by finished: String) throws {
    let old = path + ".graft-old"
    try removeAll(old)
    try putInPlace(finished, as: path, old: old)
    try sync(folder: Path.parent(of: path))
    // The new folder stands. If the old one cannot be removed, the next replacement will.
    for rest in [finished, old] { try? removeAll(rest) }
  }
}
