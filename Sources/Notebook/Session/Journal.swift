import Options

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What was done, line by line on disk as it is done, so that no crash loses it: a file that `load last` runs again.
///
/// `journal.graft` belongs to the session that runs; what an earlier one left becomes `last.graft`. Only one program
/// keeps a journal at a time. Where a session was saved or loaded, a part begins with `# session`: the last part alone
/// leads back to where one was.
public final class Journal {
  /// The line that a part begins with.
  static let mark = "# session"
  /// The name of the journal of the session before.
  static let lastName = "last.graft"

  /// The journal of the session before, if there is one.
  public let last: String?
  /// Whether no session was here before.
  public let isFirstTime: Bool
  /// Why nothing can be kept, if so.
  public private(set) var problem: String?

  private let folder: String
  private var descriptor: Int32 = -1
  private var isWritten = false

  /// Begins a journal in a folder, which is made where it is missing.
  public init(folder: String) {
    self.folder = folder
    let now = folder + "/journal.graft", before = folder + "/" + Self.lastName
    isFirstTime = access(folder, F_OK) != 0
    Self.makeFolder(folder)
    descriptor = open(now, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    if descriptor < 0 {
      problem = "what you do is not kept: cannot write \(now): \(String(cString: strerror(errno)))"
    } else if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      close(descriptor)
      descriptor = -1
      problem = "what you do is not kept: another graft keeps its own"
    } else if lseek(descriptor, 0, SEEK_END) > 0, rename(now, before) == 0 {
      close(descriptor)
      descriptor = open(now, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
      if descriptor >= 0 { flock(descriptor, LOCK_EX | LOCK_NB) }
    }
    last = access(before, R_OK) == 0 ? before : nil
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Where this session is found next time; nil where nothing was kept.
  public var kept: String? { descriptor >= 0 && isWritten ? folder + "/" + Self.lastName : nil }

  /// Writes down each line of a session from now on.
  public func follow(_ session: Session) { session.journal = { [unowned self] in append($0) } }

  /// Adds a line; it is not waited for until it is on the disk.
  public func append(_ line: String) {
    guard descriptor >= 0 else { return }
    // Lines of the tape hold no line end; one more would begin a line of its own.
    let bytes = Array((line.split(separator: "\n").joined(separator: " ") + "\n").utf8)
    var done = 0
    while done < bytes.count {
      let put = bytes.withUnsafeBytes {
        write(descriptor, $0.baseAddress?.advanced(by: done), bytes.count - done)
      }
      if put < 0, errno == EINTR { continue }
      guard put > 0 else {
        problem = "what you do is not kept: \(String(cString: strerror(errno)))"
        return
      }
      done += put
    }
    isWritten = true
  }

  /// The lines of a journal's text that lead back to where its session was. A last line that was cut off is left out.
  static func lines(of text: String) -> [String] {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    lines.removeLast()  // what follows the last line end
    let start = lines.lastIndex(of: mark).map { $0 + 1 } ?? 0
    return lines[start...].filter { !$0.isEmpty && !$0.hasPrefix("#") }
  }

  private static func makeFolder(_ path: String) {
    var folder = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      folder += part + "/"
      if !part.isEmpty { mkdir(folder, 0o700) }
    }
  }
}
