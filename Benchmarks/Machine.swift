import COpenBLAS
import Engine

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What the machine says of this process, and what it can do at the moment.
enum Machine {
  /// Seconds since 1970.
  static var wall: Double {
    var t = timespec()
    clock_gettime(CLOCK_REALTIME, &t)
    return Double(t.tv_sec) + Double(t.tv_nsec) * 1e-9
  }

  /// Seconds on a clock that never jumps.
  static var now: Double {
    var t = timespec()
    clock_gettime(CLOCK_MONOTONIC, &t)
    return Double(t.tv_sec) + Double(t.tv_nsec) * 1e-9
  }

  /// Seconds since whoever started this process noted the time in `BENCH_START`; else since the kernel made it
  /// (to 10 ms).
  static var sinceStart: Double {
    if let text = getenv("BENCH_START"), let start = Double(String(cString: text)) { return wall - start }
    guard let file = fopen("/proc/self/stat", "r") else { return .nan }
    defer { fclose(file) }
    var bytes = [CChar](repeating: 0, count: 2048)
    fread(&bytes, 1, 2047, file)
    let text = String(decoding: bytes.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    let fields = text.split(separator: ")").last.map { $0.split(separator: " ") } ?? []
    var up = timespec()
    clock_gettime(CLOCK_BOOTTIME, &up)
    guard fields.count > 19, let ticks = Double(fields[19]) else { return .nan }
    return Double(up.tv_sec) + Double(up.tv_nsec) * 1e-9 - ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// The most memory this process ever held, in MB of 2²⁰ bytes.
  static var peakMemory: Double {
    var use = rusage()
    getrusage(0, &use)  // 0: RUSAGE_SELF, whose type differs between systems
    return Double(use.ru_maxrss) / 1024
  }

  /// Seconds of processor time of all threads so far.
  static var processor: Double {
    var t = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t)
    return Double(t.tv_sec) + Double(t.tv_nsec) * 1e-9
  }

  /// GFLOP/s of a large product on so many threads: what the host grants just now.
  static func probe(threads: Int) -> Double {
    let n = 512, seconds = SGEMM(m: n, n: n, k: n).seconds(threads: threads, for: 0.1)
    return 2 * Double(n * n * n) / seconds / 1e9
  }
}
