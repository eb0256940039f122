import Events

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Lines before there is a session: usage, and errors of the call itself.
enum Plain {
  /// A line on standard output.
  static func line(_ text: String) { write(text, to: 1) }

  /// An error on standard error.
  static func error(_ error: any Error) {
    write(PlainText().text(of: .error(FailureView(error))), to: 2, ending: "")
  }

  private static func write(_ text: String, to descriptor: Int32, ending: String = "\n") {
    var bytes = Array((text + ending).utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { systemWrite(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  write(descriptor, bytes, count)
}
