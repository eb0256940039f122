import Notebook

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What was done, line by line on disk as it is done, so that no crash loses it: a file that `run` can run.
///
/// `journal.graft` belongs to the session that runs; what an earlier one left becomes `last.graft`. Only one
/// program keeps a journal at a time.
final class Journal {
  /// The journal of the session before, if there is one.
  let last: String?
  /// Whether no session was here before.
  let isFirstTime: Bool
  /// Why nothing can be kept, if so.
  private(set) var problem: String?

  private let folder: String
  private var descriptor: Int32 = -1
  private var hasLines = false

  init(folder: String) {
    self.folder = folder
    let now = folder + "/journal.graft", before = folder + "/last.graft"
    isFirstTime = access(folder, F_OK) != 0
    Journal.makeFolder(folder)
    descriptor = open(now, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
    if descriptor < 0 {
      problem = "what you do is not kept: cannot write \(now): \(String(cString: strerror(errno)))"
    } else if flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      close(descriptor)
      descriptor = -1
      problem = "what you did is not kept: another graft keeps its own"
    } else if lseek(descriptor, 0, SEEK_END) > 0, rename(now, before) == 0 {
      close(descriptor)
      descriptor = open(now, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
      if descriptor >= 0 { flock(descriptor, LOCK_EX | LOCK_NB) }
    }
    last = access(before, R_OK) == 0 ? before : nil
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Where this session is found next time; nil where nothing was kept.
  var kept: String? { descriptor >= 0 && hasLines ? folder + "/last.graft" : nil }

  /// Writes each line that the session adds to its tape, or goes to on it.
  func follow(_ session: Session) {
    session.journal = { [unowned self] line in append(line) }
  }

  private func append(_ line: String) {
    guard descriptor >= 0 else { return }
    hasLines = true
    let bytes = Array((line + "\n").utf8)
    if write(descriptor, bytes, bytes.count) != bytes.count {
      problem = "what you did is not kept: \(String(cString: strerror(errno)))"
    }
  }

  private static func makeFolder(_ path: String) {
    var folder = ""
    for part in path.split(separator: "/", omittingEmptySubsequences: false) {
      folder += part + "/"
      if !part.isEmpty { mkdir(folder, 0o700) }
    }
  }
}
