import Options

// The list of variables is a C global, which Swift would not let be read; nobody here writes to it.
#if canImport(Glibc)
  @preconcurrency import Glibc
#else
  import Darwin
#endif

/// Another program, run to its end with its output kept; a closure that is asked all the while can end it.
public struct Subprocess: Sendable {
  /// What a program left behind.
  public struct Outcome: Sendable, Equatable {
    /// 0 for success; 128 and the signal where a signal ended it.
    public var status: Int32
    /// What it wrote, on both streams, the last megabyte of it.
    public var output: String

    /// An outcome from its parts.
    public init(status: Int32, output: String) {
      self.status = status
      self.output = output
    }

    /// The last lines that are not blank.
    public func lastLines(_ count: Int = 6) -> [String] {
      let lines = output.split(whereSeparator: \.isNewline).map { String($0).trimmed }
      return Array(lines.filter { !$0.isEmpty }.suffix(count))
    }
  }

  /// The program, found on PATH where it has no slash, and its arguments.
  public var words: [String]
  /// Variables set for it, beside those of this process; nil takes one away.
  public var environment: [String: String?]
  /// After how many seconds it is ended.
  public var limit: Int

  /// A program with its arguments.
  public init(_ words: [String], environment: [String: String?] = [:], limit: Int = 600) {
    self.words = words
    self.environment = environment
    self.limit = limit
  }

  /// Runs it; throws where it cannot be started, takes too long, or `interrupted` says yes (asked 20 times
  /// a second).
  ///
  /// It gets a process group of its own, so that all that it starts ends with it.
  public func run(interrupted: () -> Bool = { false }) throws -> Outcome {
    guard let program = words.first else { throw Failure("there is no program to run.") }
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw Subprocess.failure("cannot run", program) }
    let (reading, writing) = (ends[0], ends[1])
    _ = fcntl(reading, F_SETFD, FD_CLOEXEC)
    _ = fcntl(writing, F_SETFD, FD_CLOEXEC)
    _ = fcntl(reading, F_SETFL, O_NONBLOCK)
    defer { close(reading) }
    let child: pid_t
    do {
      defer { close(writing) }
      child = try start(program, output: writing)
    }
    return try wait(for: child, reading: reading, interrupted: interrupted)
  }

  // MARK: Starting

  #if canImport(Glibc)
    private typealias Actions = posix_spawn_file_actions_t
    private typealias Attributes = posix_spawnattr_t
  #else
    private typealias Actions = posix_spawn_file_actions_t?
    private typealias Attributes = posix_spawnattr_t?
  #endif

  private func start(_ program: String, output: Int32) throws -> pid_t {
    #if canImport(Glibc)
      var actions = Actions()
      var attributes = Attributes()
    #else
      var actions: Actions = nil
      var attributes: Attributes = nil
    #endif
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, output, 2)
    // A group of its own, no signal blocked, and Ctrl-C with its usual meaning.
    var none = sigset_t()
    var usual = sigset_t()
    sigemptyset(&none)
    sigemptyset(&usual)
    for signal in [SIGINT, SIGQUIT, SIGPIPE, SIGTERM] { sigaddset(&usual, signal) }
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setsigdefault(&attributes, &usual)
    posix_spawnattr_setpgroup(&attributes, 0)
    let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
    posix_spawnattr_setflags(&attributes, Int16(flags))

    var child: pid_t = 0
    let code = Subprocess.withStrings(words) { arguments in
      Subprocess.withStrings(variables()) {
        posix_spawnp(&child, program, &actions, &attributes, arguments, $0)
      }
    }
    guard code == 0 else {
      throw Failure("cannot start \(program): \(String(cString: strerror(code))).")
    }
    return child
  }

  private func variables() -> [String] {
    var all: [String] = []
    #if canImport(Glibc)
      var at: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = environ
    #else
      var at = _NSGetEnviron().pointee
    #endif
    while let entry = at?.pointee {
      let text = String(cString: entry), name = text.prefix { $0 != "=" }
      if environment[String(name)] == nil { all.append(text) }
      at = at?.successor()
    }
    for case (let name, let value?) in environment { all.append("\(name)=\(value)") }
    return all.sorted()
  }

  /// A list of C strings that ends with nil, as `execve` wants it.
  private static func withStrings<Result>(
    _ texts: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
  ) -> Result {
    let strings = texts.map { strdup($0) }
    defer { for string in strings { free(string) } }
    return body(strings + [nil])
  }

  // MARK: Waiting

  private func wait(for child: pid_t, reading: Int32, interrupted: () -> Bool) throws -> Outcome {
    let start = ContinuousClock.now
    var output: [UInt8] = []
    while true {
      var waiting = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
      // Once the pipe is closed poll answers at once: the short sleep keeps the loop from spinning.
      if poll(&waiting, 1, 50) > 0, !Subprocess.drain(reading, into: &output) { usleep(5_000) }
      var status: Int32 = 0
      let ended = waitpid(child, &status, WNOHANG)
      if ended == child {
        _ = Subprocess.drain(reading, into: &output)
        let signal = status & 0x7F
        let code = signal == 0 ? (status >> 8) & 0xFF : 128 + signal
        return Outcome(status: code, output: String(decoding: output, as: UTF8.self))
      }
      if ended < 0, errno != EINTR { throw Subprocess.failure("cannot wait for", words[0]) }
      let late = ContinuousClock.now - start > .seconds(limit)
      guard late || interrupted() else { continue }
      Subprocess.end(child)
      let ending = late ? "took longer than \(limit) s and was ended" : "was interrupted"
      throw Failure("\(words.joined(separator: " ")): \(ending).")
    }
  }

  private static func failure(_ what: String, _ program: String) -> Failure {
    Failure("\(what) \(program): \(String(cString: strerror(errno))).")
  }

  /// Takes what there is; false at the end of the stream.
  private static func drain(_ reading: Int32, into output: inout [UInt8]) -> Bool {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let got = read(reading, &buffer, buffer.count)
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { return got < 0 }
      output += buffer[..<got]
      if output.count > 2 << 20 { output.removeFirst(output.count - 1 << 20) }
    }
  }

  /// Asks the group to end, and after a second makes it.
  private static func end(_ child: pid_t) {
    kill(-child, SIGTERM)
    var status: Int32 = 0
    for _ in 0..<100 {
      if waitpid(child, &status, WNOHANG) == child {
        kill(-child, SIGKILL)
        return
      }
      usleep(10_000)
    }
    kill(-child, SIGKILL)
    waitpid(child, &status, 0)
  }
}
