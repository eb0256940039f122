import FileSystem
import Options

/// The cache in which Hugging Face's libraries keep what they downloaded; only looked into, never filled.
///
///     HUB/models--ORG--NAME/refs/main            the name of a snapshot
///     HUB/models--ORG--NAME/snapshots/SNAPSHOT/  the files
public struct HuggingFaceCache: Sendable {
  /// The folder of all models.
  public let hub: String
  private let files: any Files

  /// The cache that the environment names: `HF_HUB_CACHE`, `HF_HOME/hub`, `XDG_CACHE_HOME`, or the usual place; nil
  /// where there is no home.
  public init?(files: any Files = .disk, environment: (String) -> String?) {
    func folder(_ name: String) -> String? { environment(name).flatMap { $0.isEmpty ? nil : $0 } }
    let usual = folder("XDG_CACHE_HOME") ?? folder("HOME").map { $0 + "/.cache" }
    let home = folder("HF_HOME") ?? usual.map { $0 + "/huggingface" }
    guard let hub = folder("HF_HUB_CACHE") ?? home.map({ $0 + "/hub" }) else { return nil }
    (self.hub, self.files) = (hub, files)
  }

  /// Whether a text could name a model there: `org/name`.
  public static func isName(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    return parts.count == 2
      && parts.allSatisfy { part in
        !part.isEmpty && part != "." && part != ".."
          && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
      }
  }

  /// The folder of a model's files; nil where the cache does not have it. Throws where its entry is broken.
  public func folder(of name: String) throws -> String? {
    guard Self.isName(name) else { return nil }
    let entry = Path.join(hub, "models--" + name.replacing("/", with: "--"))
    guard try files.kind(at: entry) == .folder else { return nil }
    let snapshots = Path.join(entry, "snapshots")
    let names = try files.kind(at: snapshots) == .folder ? files.names(in: snapshots) : []
    let main = Path.join(entry, "refs/main")
    if try files.exists(main) {
      let wanted = String(try files.text(of: main).filter { !$0.isWhitespace })
      if names.contains(wanted) { return Path.join(snapshots, wanted) }
    }
    if names.count == 1 { return Path.join(snapshots, names[0]) }
    throw Failure(
      "the cache's entry of \(name) has \(names.isEmpty ? "no" : "\(names.count)") snapshots, and none is marked main.",
      cure: "Name the folder itself: open \(Path.join(snapshots, names.first ?? "…"))")
  }

  /// The names of all models there.
  public var names: [String] {
    ((try? files.names(in: hub)) ?? []).filter { $0.hasPrefix("models--") }
      .map { String($0.dropFirst("models--".count)).replacing("--", with: "/") }
  }
}
