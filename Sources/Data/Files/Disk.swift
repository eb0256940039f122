import Options

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Reading and writing of whole files, so that a crash at any moment leaves the old file or the new one.
enum Disk {
  /// The largest file that is read whole.
  static let limit = 256 << 20

  /// The bytes of a regular file of at most 256 MB.
  static func read(_ path: String) throws -> [UInt8] {
    // Without O_NONBLOCK, opening a named pipe would wait for a writer.
    let file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard file >= 0 else { throw failure("cannot open", path) }
    defer { close(file) }
    var facts = stat()
    guard fstat(file, &facts) == 0 else { throw failure("cannot look at", path) }
    guard facts.st_mode & S_IFMT == S_IFREG else {
      throw Failure(
        "\(path) is not a regular file.", cure: "Give the path of a file, not of a folder or device.")
    }
    guard facts.st_size <= limit else {
      throw Failure(
        "\(path) has \(facts.st_size) bytes; at most \(limit) are read.", cure: "Cut the file in parts.")
    }
    var bytes = [UInt8](repeating: 0, count: Int(facts.st_size))
    var filled = 0
    while filled < bytes.count {
      let got = bytes.withUnsafeMutableBytes { Disk.read(file, $0, from: filled) }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw failure("cannot read", path) }
      if got == 0 { break }
      filled += got
    }
    bytes.removeSubrange(filled...)
    return bytes
  }

  private static func read(_ file: Int32, _ buffer: UnsafeMutableRawBufferPointer, from start: Int) -> Int {
    #if canImport(Glibc)
      return Glibc.read(file, buffer.baseAddress?.advanced(by: start), buffer.count - start)
    #else
      return Darwin.read(file, buffer.baseAddress?.advanced(by: start), buffer.count - start)
    #endif
  }

  /// The text of a UTF-8 file, without a byte-order mark; throws with the line of the first byte that is
  /// not UTF-8.
  static func readText(_ path: String) throws -> String { try text(try read(path), of: path) }

  /// Bytes as text; `name` is what the error calls them.
  static func text(_ bytes: [UInt8], of name: String) throws -> String {
    let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...]
    let text = String(decoding: body, as: UTF8.self)
    guard text.unicodeScalars.contains("\u{FFFD}"), let bad = firstInvalid(body) else { return text }
    let line = 1 + body[..<bad].reduce(0) { $0 + ($1 == 0x0A ? 1 : 0) }
    throw Failure(
      "\(name): line \(line) is not UTF-8 (byte \(bad)).",
      cure: "Convert it first, for example: iconv -f latin1 -t utf-8 FILE > NEW")
  }

  private static func firstInvalid(_ bytes: ArraySlice<UInt8>) -> Int? {
    var decoder = UTF8()
    var iterator = bytes.makeIterator()
    var at = bytes.startIndex
    while true {
      switch decoder.decode(&iterator) {
      case .scalarValue(let scalar): at += UTF8.width(scalar)
      case .emptyInput: return nil
      case .error: return at
      }
    }
  }

  /// Writes a file aside, syncs it, and renames it into place.
  static func write(_ bytes: [UInt8], to path: String) throws {
    let aside = "\(path).new-\(getpid())"
    let file = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw failure("cannot write", aside) }
    do {
      defer { close(file) }
      var done = 0
      while done < bytes.count {
        let put = bytes.withUnsafeBytes { write(file, $0, from: done) }
        if put < 0, errno == EINTR { continue }
        guard put > 0 else { throw failure("cannot write", aside) }
        done += put
      }
      guard fsync(file) == 0 else { throw failure("cannot write", aside) }
    } catch {
      unlink(aside)
      throw error
    }
    guard rename(aside, path) == 0 else {
      let reason = failure("cannot write", path)
      unlink(aside)
      throw reason
    }
  }

  private static func write(_ file: Int32, _ buffer: UnsafeRawBufferPointer, from start: Int) -> Int {
    #if canImport(Glibc)
      return Glibc.write(file, buffer.baseAddress?.advanced(by: start), buffer.count - start)
    #else
      return Darwin.write(file, buffer.baseAddress?.advanced(by: start), buffer.count - start)
    #endif
  }

  /// What the system says went wrong with a path.
  static func failure(_ what: String, _ path: String) -> Failure {
    Failure("\(what) \(path): \(String(cString: strerror(errno))).")
  }
}
