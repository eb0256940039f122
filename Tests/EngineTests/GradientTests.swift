#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif
import TestSupport
import Testing

@testable import Engine

/// The engine's tests run one after another: they share the threads and the memory pool.
@Suite(.serialized) struct EngineTests {
  /// Tests use one thread, set once; those of the threads set their own numbers and put this back.
  static let oneThread: Void = { Threads.shared.count = 1 }()
}

extension GradientCase {
  static let all = elementwise + moves + products + rows + attention + recurrent + feedback
}

extension EngineTests {
  @Suite struct GradientTests {
    init() { EngineTests.oneThread }

    @Test(arguments: GradientCase.all) func agreesWithTheReference(_ row: GradientCase) throws {
      try row.check()
    }

    /// Files without an op of their own: what several ops share, and what has no gradient.
    static let shared: Set = ["AttentionForm", "Broadcast", "Elementwise", "Updates", "SingularValues"]

    @Test func everyFileOfOpsHasACase() throws {
      let covered = Set(GradientCase.all.flatMap(\.files)), files = try opFiles()
      #expect(files.count > 20)
      #expect(
        files.subtracting(covered).subtracting(Self.shared).sorted() == [], "op files without a gradient case"
      )
      #expect(
        covered.union(Self.shared).subtracting(files).sorted() == [], "cases of files that do not exist")
    }

    private func opFiles(_ here: String = #filePath) throws -> Set<String> {
      let root = here.split(separator: "/").dropLast(3).joined(separator: "/")
      let folder = try #require(opendir("/" + root + "/Sources/Engine/Ops"))
      defer { closedir(folder) }
      var names: Set<String> = []
      while let entry = readdir(folder) {
        let name = withUnsafePointer(to: &entry.pointee.d_name) {
          $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
        }
        if name.hasSuffix(".swift") { names.insert(String(name.dropLast(6))) }
      }
      return names
    }
  }
}
