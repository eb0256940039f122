import Data
import Events
import FileSystem
import Formats
import Options

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What a session knows of the machine and its files; tests replace it.
public struct Surroundings {
  /// Where data and states are kept.
  public var places: Places
  /// Reading and writing.
  public var files: any Files
  /// The most bytes that going back in time may take.
  public var undoMemory: Int
  /// The machine's memory in bytes.
  public var memory: Int
  /// The user's own folder, for paths that begin with `~/`.
  public var home: String?
  /// A variable of the environment.
  public var environment: (String) -> String?
  /// A file of the project's own source by its path, such as `Sources/Methods/LoRA.swift`; nil: not at hand.
  public var source: (String) -> String?

  /// The real machine.
  public init(
    places: Places? = nil, files: any Files = .disk, undoMemory: Int? = nil,
    environment: @escaping (String) -> String? = Places.variable,
    source: @escaping (String) -> String? = HelpSource.text
  ) {
    // Without HOME there is no usual place: then a folder beside where one stands.
    self.places = places ?? (try? Places()) ?? Places(data: ".graft/data", state: ".graft/state")
    self.files = files
    home = Places.variable("HOME")
    memory = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    self.source = source
    self.environment = environment
    self.undoMemory = undoMemory ?? min(256 << 20, memory / 8)
  }
}

extension Surroundings {
  /// A path that means the same wherever the program is started next.
  func absolute(_ path: String) -> String {
    guard files is DiskFiles, !path.hasPrefix("/"), let here = getcwd(nil, 0) else { return path }
    defer { free(here) }
    return String(cString: here) + "/" + path
  }

  /// Throws, with the figures, when something needs more memory than the machine has.
  func check(bytes: Int, for what: String, cure: String = "Choose smaller sizes") throws {
    guard bytes > memory / 10 * 9 else { return }
    throw Failure(
      "\(what) needs \(Events.bytes(bytes)), and this machine has \(Events.bytes(memory)).",
      cure: cure)
  }
}
