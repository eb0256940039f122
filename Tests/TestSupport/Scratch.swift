import FileSystem
import Options
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Runs a test in a folder of its own on the real disk, which is removed afterwards.
public func withScratch(_ body: (String) throws -> Void) throws {
  var template = Array("/tmp/graft-tests-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else { throw Failure("no scratch folder") }
  let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  defer { try? DiskFiles().removeAll(folder) }
  try body(folder)
}

/// A file system in memory with these files in it, folders made as needed, all on its disk.
public func memory(_ contents: [String: [UInt8]], exchanges: Bool = true) throws -> MemoryFiles {
  let files = MemoryFiles(exchanges: exchanges)
  for (path, bytes) in contents {
    try files.makeFolders(Path.parent(of: path))
    try files.create(path) { sink in try bytes.withUnsafeBytes(sink) }
  }
  files.begin()
  return files
}

/// Stops the machine at the first change, the second and so on until the work gets through; each time
/// checks what is left, for every kind of crash. Gives how many changes there were.
public func everyCrash(
  _ start: () throws -> MemoryFiles, _ work: (MemoryFiles) throws -> Void,
  _ check: (MemoryFiles, _ note: Comment) throws -> Void
) throws -> Int {
  for n in 1...1000 {
    let files = try start()
    files.begin(.crashes(at: n))
    do { try work(files) } catch is Failure {}
    let crashed = files.hasCrashed
    for survival in MemoryFiles.Survival.allCases {
      try check(files.restarted(survival), "change \(n), \(survival)")
    }
    if !crashed { return n - 1 }
  }
  throw Failure("the work never ends")
}
