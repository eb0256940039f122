import Options
import Testing

@testable import Formats

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The folder of files that Python wrote (Scripts/golden_formats.py).
let golden = Path.join(Path.parent(of: #filePath), "Golden")

/// The failure that a closure throws; a test issue where it throws none.
func failure(_ body: () throws -> Void, _ at: SourceLocation = #_sourceLocation) -> Failure {
  do { try body() } catch let failure as Failure { return failure } catch {
    Issue.record("threw \(error), not a Failure", sourceLocation: at)
    return Failure("")
  }
  Issue.record("threw nothing", sourceLocation: at)
  return Failure("")
}

/// Whether some words stand in what a closure throws.
func expectFailure(_ words: String, _ at: SourceLocation = #_sourceLocation, _ body: () throws -> Void) {
  let text = failure(body, at).description
  #expect(text.contains(words), "\(text)", sourceLocation: at)
}

/// Runs a test in a folder of its own on the real disk, which is removed afterwards.
func withScratch(_ body: (String) throws -> Void) throws {
  var template = Array("/tmp/graft-formats-XXXXXX".utf8CString)
  guard mkdtemp(&template) != nil else { throw Failure("no scratch folder") }
  let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  defer { removeAll(folder) }
  try body(folder)
}

private func removeAll(_ path: String) {
  let disk = DiskFiles()
  if (try? disk.kind(at: path)) == .folder {
    for name in (try? disk.names(in: path)) ?? [] { removeAll(Path.join(path, name)) }
  }
  try? disk.remove(path)
}

/// A file system in memory with these files in it, folders made as needed, all on its disk.
func memory(_ contents: [String: [UInt8]], exchanges: Bool = true) throws -> MemoryFiles {
  let files = MemoryFiles(exchanges: exchanges)
  for (path, bytes) in contents {
    try files.makeFolders(Path.parent(of: path))
    try files.create(path) { sink in try bytes.withUnsafeBytes(sink) }
  }
  files.begin()
  return files
}

/// A safetensors file from a header and the tensors' bytes.
func safetensors(_ header: String, _ data: [UInt8] = []) -> [UInt8] {
  withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8) + data
}

/// SplitMix64: the same numbers on every machine.
struct Chance: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// Changes some bytes: flips, replaces, removes, doubles, puts in words that parsers care about.
  mutating func mutate(_ bytes: [UInt8]) -> [UInt8] {
    var out = bytes
    let words = [
      "{", "}", "[", "]", ",", ":", "\"", "\\u", "\\ud83d", "-1", "0", "1e999", "99999999999999999999",
      "9223372036854775807", "null", "F32", "dtype", "\u{0}", "\u{7f}", "é", "[[[[[[[[",
    ]
    for _ in 0...Int.random(in: 0..<3, using: &self) {
      let at = Int.random(in: 0...out.count, using: &self), rest = out.count - at
      let some = Int.random(in: 0...min(rest, 12), using: &self)
      switch Int.random(in: 0..<6, using: &self) {
      case 0 where rest > 0: out[at] ^= 1 << UInt8.random(in: 0..<8, using: &self)
      case 1 where rest > 0: out[at] = UInt8.random(in: 0...255, using: &self)
      case 2: out.removeSubrange(at..<at + some)
      case 3: out.insert(contentsOf: out[at..<at + some], at: at)
      case 4: out.insert(contentsOf: words.randomElement(using: &self)!.utf8, at: at)
      default: out.replaceSubrange(at..<at + min(some, 2), with: words.randomElement(using: &self)!.utf8)
      }
    }
    return out
  }
}
