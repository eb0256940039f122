#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The day, for the progress file.
enum Day {
  /// Today, as 2026-11-24.
  static func today() -> String {
    var now = time(nil), parts = tm()
    localtime_r(&now, &parts)
    func two(_ n: Int32) -> String { n < 10 ? "0\(n)" : "\(n)" }
    return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
  }
}
