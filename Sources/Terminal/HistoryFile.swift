#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Cells on disk, one a line, with `\n` for a newline and `\\` for a backslash.
///
/// Each cell is appended by a single write as soon as it is entered, so that nothing is lost when the program
/// or the machine ends, and two programs may run at a time. Loading shortens a file that has grown too long:
/// the shorter one is written beside it and takes its place. Only its owner may read it.
struct HistoryFile {
  /// As many entries as are kept.
  static let most = 1_000
  /// As many bytes as an entry may have.
  static let longest = 65_536
  /// As many bytes of the end of a file as are read.
  static let readable = 8 << 20

  /// What went wrong with the file, and where.
  struct Problem: Error, CustomStringConvertible {
    let description: String

    init(_ deed: String, _ path: String) {
      description = "cannot \(deed) the history \(path): \(String(cString: strerror(errno)))"
    }
  }

  /// The file itself, also where the name given is a link to it.
  let path: String

  init(_ path: String) {
    if let real = realpath(path, nil) {
      self.path = String(cString: real)
      free(real)
    } else {
      self.path = path
    }
  }

  /// Whether a cell is worth keeping, and can be.
  static func holds(_ cell: String) -> Bool {
    !cell.isEmpty && cell.utf8.count <= longest && !cell.utf8.contains(0)
  }

  /// The last entries, oldest first; none if there is no file yet.
  func load() throws -> [String] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT { return [] }
      throw Problem("read", path)
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Problem("read", path) }
    guard status.st_mode & S_IFMT == S_IFREG else { return [] }
    let size = Int(status.st_size)
    let bytes = try end(of: descriptor, size: size)
    var lines = bytes.split(separator: UInt8(ascii: "\n"))
    if bytes.count < size, !lines.isEmpty { lines.removeFirst() }
    let isWhole = bytes.isEmpty || bytes.last == UInt8(ascii: "\n")
    let kept = lines.suffix(HistoryFile.most).filter { $0.count <= 2 * HistoryFile.longest }
    if lines.count > HistoryFile.most || bytes.count < size || !isWhole { try replace(by: Array(kept)) }
    return kept.map { HistoryFile.decoded(String(decoding: $0, as: UTF8.self)) }.filter(HistoryFile.holds)
  }

  /// Adds an entry at the end, making file and folder where there are none.
  func append(_ cell: String) throws {
    makeFolder()
    let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0o600)
    guard descriptor >= 0 else { throw Problem("write", path) }
    defer { close(descriptor) }
    _ = fchmod(descriptor, 0o600)
    let bytes = Array((HistoryFile.encoded(cell) + "\n").utf8)
    guard write(descriptor, bytes, bytes.count) == bytes.count else { throw Problem("write", path) }
  }

  static func encoded(_ cell: String) -> String {
    var out = String.UnicodeScalarView()
    for scalar in cell.unicodeScalars {
      switch scalar {
      case "\n": out.append(contentsOf: "\\n".unicodeScalars)
      case "\r": out.append(contentsOf: "\\r".unicodeScalars)
      case "\\": out.append(contentsOf: "\\\\".unicodeScalars)
      default: out.append(scalar)
      }
    }
    return String(out)
  }

  static func decoded(_ line: String) -> String {
    var out = String.UnicodeScalarView()
    var isEscaped = false
    for scalar in line.unicodeScalars {
      if isEscaped {
        out.append(scalar == "n" ? "\n" : scalar == "r" ? "\r" : scalar)
        isEscaped = false
      } else if scalar == "\\" {
        isEscaped = true
      } else {
        out.append(scalar)
      }
    }
    return String(out)
  }

  private func end(of descriptor: Int32, size: Int) throws -> [UInt8] {
    let count = min(size, HistoryFile.readable)
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let got = bytes.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress.map { $0 + filled }, count - filled, off_t(size - count + filled))
      }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw Problem("read", path) }
      if got == 0 { break }
      filled += got
    }
    return Array(bytes[..<filled])
  }

  private func replace(by lines: [ArraySlice<UInt8>]) throws {
    let aside = path + ".\(getpid()).new"
    let descriptor = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Problem("shorten", path) }
    var bytes: [UInt8] = []
    for line in lines { bytes += line + [UInt8(ascii: "\n")] }
    let isWritten = write(descriptor, bytes, bytes.count) == bytes.count && fsync(descriptor) == 0
    close(descriptor)
    guard isWritten, rename(aside, path) == 0 else {
      let problem = Problem("shorten", path)
      unlink(aside)
      throw problem
    }
  }

  private func makeFolder() {
    var folder = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: false).dropLast() {
      folder += part + "/"
      if !part.isEmpty { mkdir(folder, 0o700) }
    }
  }
}
