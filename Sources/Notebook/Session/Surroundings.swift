import Data
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

  /// The real machine.
  public init(places: Places? = nil, files: any Files = .disk, undoMemory: Int? = nil) {
    self.places = places ?? Places()
    self.files = files
    memory = sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
    self.undoMemory = undoMemory ?? min(256 << 20, memory / 8)
  }
}
