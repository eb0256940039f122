import Options

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The real disk.
public struct DiskFiles: Files {
  /// Files of more bytes than this are mapped instead of read.
  public var mapsAbove: Int
  /// Whether two names may be exchanged in one step; tests set it to false to try the other way.
  public var exchanges: Bool

  /// The disk; the defaults are right but for tests.
  public init(mapsAbove: Int = 256 << 20, exchanges: Bool = true) {
    self.mapsAbove = mapsAbove
    self.exchanges = exchanges
  }

  /// What lies at a path (links are followed), or nil.
  public func kind(at path: String) throws -> FileKind? {
    try Path.check(path)
    var info = stat()
    if stat(path, &info) == 0 { return DiskFiles.kind(info) }
    if errno == ENOENT || errno == ENOTDIR { return nil }
    throw Failure.system("look at", path, errno)
  }

  /// The contents of a regular file, read or, where it is large, mapped.
  public func bytes(of path: String) throws -> FileBytes {
    // Looked at before opening, because opening a device can already do something; and once more afterwards,
    // because it could have been replaced in between.
    _ = try size(of: path)
    let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { throw Failure.system("open", path, errno) }
    defer { close(file) }
    var info = stat()
    guard fstat(file, &info) == 0 else { throw Failure.system("look at", path, errno) }
    guard case .file(let size) = DiskFiles.kind(info) else {
      throw Path.refusal(path, is: "no longer a file")
    }
    return size > mapsAbove ? try map(file, size, path) : try read(file, size, path)
  }

  /// The names in a folder, sorted by their bytes.
  public func names(in folder: String) throws -> [String] {
    try Path.check(folder)
    guard let handle = opendir(folder) else { throw Failure.system("list", folder, errno) }
    defer { closedir(handle) }
    var names: [String] = []
    while let entry = readdir(handle) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
        String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { names.append(name) }
    }
    return names.sorted(by: ExactText.precedes)
  }

  /// Makes one folder whose parent is there.
  public func makeFolder(_ path: String) throws {
    try Path.check(path)
    if mkdir(path, 0o777) != 0 { throw Failure.system("make the folder", path, errno) }
  }

  /// Renames a file or folder; a file at the new name is replaced.
  public func rename(_ path: String, to new: String) throws {
    try Path.check(path)
    try Path.check(new)
    keepRights(of: new, for: path)
    #if canImport(Glibc)
      let result = Glibc.rename(path, new)
    #else
      let result = Darwin.rename(path, new)
    #endif
    if result != 0 { throw Failure.system("give a new name to \(shown(path)):", new, errno) }
  }

  /// Exchanges two names in one step; false where the system cannot.
  public func exchange(_ one: String, _ other: String) throws -> Bool {
    try Path.check(one)
    try Path.check(other)
    guard exchanges else { return false }
    guard let result = DiskFiles.swapNames(one, other) else { return false }
    if result == 0 { return true }
    // An old kernel, or a simple disk.
    if errno == ENOSYS || errno == EINVAL || errno == ENOTSUP { return false }
    throw Failure.system("exchange \(shown(one)) with", other, errno)
  }

  /// Removes a file or an empty folder.
  public func remove(_ path: String) throws {
    try Path.check(path)
    #if canImport(Glibc)
      let result = Glibc.remove(path)
    #else
      let result = Darwin.remove(path)
    #endif
    if result != 0 { throw Failure.system("remove", path, errno) }
  }

  /// Brings the names in a folder safely to the disk.
  public func sync(folder: String) throws {
    try Path.check(folder)
    let file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard file >= 0 else { throw Failure.system("open the folder", folder, errno) }
    defer { close(file) }
    // Some network drives cannot sync a folder, and say EINVAL; nothing more can be done there.
    if fsync(file) != 0, errno != EINVAL { throw Failure.system("bring to the disk", folder, errno) }
  }

  // A file that only its owner could read stays so when it is replaced. That it fails is no reason not to
  // save.
  private func keepRights(of old: String, for new: String) {
    var info = stat()
    if stat(old, &info) == 0, info.st_mode & S_IFMT == S_IFREG { chmod(new, info.st_mode & 0o777) }
  }
}

extension DiskFiles {
  /// The system's exchange of two names, or nil where it has none.
  private static func swapNames(_ one: String, _ other: String) -> Int32? {
    #if canImport(Glibc)
      // Swift's Glibc leaves this GNU function out, so it is asked for by name.
      typealias Call =
        @convention(c) (Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32) -> Int32
      guard let symbol = dlsym(nil, "renameat2") else { return nil }
      let exchangeFlag: UInt32 = 2  // RENAME_EXCHANGE
      return unsafeBitCast(symbol, to: Call.self)(AT_FDCWD, one, AT_FDCWD, other, exchangeFlag)
    #else
      return renamex_np(one, other, UInt32(RENAME_SWAP))
    #endif
  }

  private static func kind(_ info: stat) -> FileKind {
    switch info.st_mode & S_IFMT {
    case S_IFREG: return .file(size: Int(info.st_size))
    case S_IFDIR: return .folder
    case S_IFIFO: return .other("a named pipe")
    case S_IFSOCK: return .other("a socket")
    case S_IFCHR, S_IFBLK: return .other("a device")
    default: return .other("something unknown")
    }
  }

  private func read(_ file: Int32, _ size: Int, _ path: String) throws -> FileBytes {
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 64)
    let bytes = FileBytes(owning: memory)  // frees the memory on every way out
    var done = 0
    while done < size, let base = memory.baseAddress {
      #if canImport(Glibc)
        let n = Glibc.read(file, base + done, size - done)
      #else
        let n = Darwin.read(file, base + done, size - done)
      #endif
      if n < 0, errno == EINTR { continue }
      if n < 0 { throw Failure.system("read", path, errno) }
      if n == 0 {
        throw Failure(
          "\(shown(path)) became shorter while it was read.", cure: "Try again when it is finished.")
      }
      done += n
    }
    return bytes
  }

  private func map(_ file: Int32, _ size: Int, _ path: String) throws -> FileBytes {
    let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, file, 0)
    guard let start, start != MAP_FAILED else { throw Failure.system("map", path, errno) }
    return FileBytes(mapped: UnsafeMutableRawBufferPointer(start: start, count: size))
  }
}
