import Options

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Making, emptying and exchanging folders.
enum Folder {
  /// Makes a folder and those above it.
  static func make(_ path: String) throws {
    var made = path.hasPrefix("/") ? "" : "."
    for part in path.split(separator: "/") {
      made += "/" + part
      if mkdir(made, 0o755) != 0, errno != EEXIST { throw Disk.failure("cannot make", made) }
    }
    var facts = stat()
    guard stat(path, &facts) == 0, facts.st_mode & S_IFMT == S_IFDIR else {
      throw Failure("\(path) is in the way: it is not a folder.", cure: "Move it away.")
    }
  }

  /// Whether there is something at a path.
  static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// The names in a folder, sorted; none where it cannot be read.
  static func names(_ path: String) -> [String] {
    guard let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: [String] = []
    while let entry = readdir(folder) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: MemoryLayout.size(ofValue: $0.pointee)) {
          String(cString: $0)
        }
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted()
  }

  /// Removes a folder or file with all that is in it; a link is removed, not followed.
  static func remove(_ path: String) {
    var facts = stat()
    guard lstat(path, &facts) == 0 else { return }
    if facts.st_mode & S_IFMT == S_IFDIR {
      for name in names(path) { remove(path + "/" + name) }
      rmdir(path)
    } else {
      unlink(path)
    }
  }

  /// Puts a finished folder in the place of another, which is removed afterwards.
  static func exchange(_ finished: String, into place: String) throws {
    let old = "\(place).old-\(getpid())"
    remove(old)
    let had = exists(place)
    if had, rename(place, old) != 0 { throw Disk.failure("cannot move", place) }
    guard rename(finished, place) == 0 else {
      let reason = Disk.failure("cannot move", finished)
      if had { rename(old, place) }
      throw reason
    }
    if had { remove(old) }
  }
}
