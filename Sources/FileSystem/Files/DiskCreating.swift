import Options

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension DiskFiles {
  /// Creates or empties a file, fills it and brings it safely to the disk.
  public func create(_ path: String, _ fill: FileFill) throws {
    try Path.check(path)
    let file = try openLocked(path)
    defer { close(file) }
    guard ftruncate(file, 0) == 0 else { throw Failure.system("empty", path, errno) }
    try fill { try append($0, to: file, path) }
    guard synced(file) else { throw Failure.system("bring to the disk", path, errno) }
  }

  /// Opens a file for writing and locks it, so that two sessions cannot write one file aside at the same
  /// time. The lock ends with the process, however it ends.
  private func openLocked(_ path: String) throws -> Int32 {
    for _ in 0..<100 {
      let file = open(path, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0o666)
      guard file >= 0 else { throw Failure.system("create", path, errno) }
      if flock(file, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
        close(file)
        throw Failure(
          "\(shown(path)) is being written by another program.", cure: "Try again when it is done.")
      }
      // Between opening and locking, the other may have finished and renamed this very file into place.
      var opened = stat(), named = stat()
      if fstat(file, &opened) == 0, lstat(path, &named) == 0, opened.st_ino == named.st_ino,
        opened.st_dev == named.st_dev
      {
        if opened.st_mode & S_IFMT == S_IFREG { return file }
        close(file)
        throw Path.refusal(path, is: "something special")
      }
      close(file)
    }
    throw Failure("\(shown(path)) is being written by other programs.", cure: "Try again when they are done.")
  }

  private func append(_ bytes: UnsafeRawBufferPointer, to file: Int32, _ path: String) throws {
    var done = 0
    while done < bytes.count, let base = bytes.baseAddress {
      #if canImport(Glibc)
        let n = Glibc.write(file, base + done, min(bytes.count - done, 1 << 30))
      #else
        let n = Darwin.write(file, base + done, min(bytes.count - done, 1 << 30))
      #endif
      if n < 0, errno == EINTR { continue }
      if n < 0 { throw Failure.system("write", path, errno) }
      done += n
    }
  }

  private func synced(_ file: Int32) -> Bool {
    #if !canImport(Glibc)
      // On macOS, fsync alone stops at the drive's own cache.
      if fcntl(file, F_FULLFSYNC) == 0 { return true }
    #endif
    return fsync(file) == 0
  }
}
