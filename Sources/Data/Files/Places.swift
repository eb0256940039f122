import FileSystem
import Options

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Where Graft keeps what outlives a session.
///
/// Data in `$GRAFT_HOME/data`, else `$XDG_DATA_HOME/graft`, else `~/.local/share/graft`; history, journal
/// and progress in `$GRAFT_HOME/state`, else `$XDG_STATE_HOME/graft`, else `~/.local/state/graft`.
public struct Places: Sendable, Equatable {
  /// The folder of fetched data.
  public let data: String
  /// The folder of history, journal and progress.
  public let state: String

  /// Places that were chosen.
  public init(data: String, state: String) {
    self.data = data
    self.state = state
  }

  /// The places that the environment names; throws where it names none.
  public init(environment: (String) -> String? = Places.variable) throws {
    func absolute(_ name: String) -> String? {
      // The XDG rules tell to ignore a relative path.
      environment(name).flatMap { $0.hasPrefix("/") ? Path.trimmed($0) : nil }
    }
    if let home = environment("GRAFT_HOME"), !home.isEmpty {
      let folder = Path.trimmed(home)
      self.init(data: folder + "/data", state: folder + "/state")
      return
    }
    let home = absolute("HOME")
    guard let data = absolute("XDG_DATA_HOME") ?? home.map({ $0 + "/.local/share" }),
      let state = absolute("XDG_STATE_HOME") ?? home.map({ $0 + "/.local/state" })
    else {
      throw Failure(
        "there is no place for data: HOME is not set.", cure: "Set GRAFT_HOME to a folder of yours.")
    }
    self.init(data: data + "/graft", state: state + "/graft")
  }

  /// The folder of the prepared tweets.
  public var tweets: String { data + "/tweets" }

  /// A variable of the environment.
  public static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
