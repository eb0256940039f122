#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Variables of the environment.
enum Environment {
  /// The value of a variable, if it is there.
  static func variable(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
}
