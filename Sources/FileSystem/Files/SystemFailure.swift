import Options

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Failure {
  /// A refusal by the system: what was tried, on which path, its reason in the system's words, and the cure.
  static func system(_ verb: String, _ path: String, _ code: Int32) -> Failure {
    let reason = String(cString: strerror(code))
    return Failure("cannot \(verb) \(shown(path)): \(reason).", cure: cure(for: code))
  }

  private static func cure(for code: Int32) -> String {
    switch code {
    case ENOENT: return "Check the path: a folder in it is missing."
    case EACCES, EPERM: return "You may not: look at the rights with “ls -ld”, or choose a place of your own."
    case ENOSPC, EDQUOT: return "The disk is full: free some space, or choose another disk."
    case EROFS: return "That place can only be read: choose another."
    case EISDIR: return "It is a folder: name a file."
    case ENOTDIR: return "A part of the path is a file, not a folder: check the path."
    case EEXIST, ENOTEMPTY: return "Something is there already: move it away, or choose another name."
    case ENAMETOOLONG: return "Choose a shorter name."
    case ELOOP: return "A link points at itself or stands where none may: choose another path."
    case EMFILE, ENFILE: return "Too many files are open: close some, or raise “ulimit -n”."
    case ENOMEM: return "There is not enough memory: close something, or take a smaller file."
    case EIO: return "The disk or the network drive reports an error: copy the file elsewhere and try again."
    case EBUSY, ETXTBSY: return "It is in use: try again later, or choose another name."
    default: return "Try another place."
    }
  }
}
