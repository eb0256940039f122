import CKernels
import COpenBLAS
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Our own threads for number loops: work is cut into chunks by its size alone, and threads claim chunks.
///
/// Every thread has a share of its own, a run of neighbouring chunks, so that the rows it writes in one op are those
/// it reads in the next, and still in its cache; whoever is done takes from the end of what others have left. The
/// caller works too. Idle threads spin for a moment, then sleep; a caller that finds the pool busy runs its work
/// inline. Since the cut never depends on the number of threads, neither do the bits of any result. OpenBLAS itself
/// always runs on one thread.
public final class Threads: @unchecked Sendable {
  /// The one that the engine uses.
  public static let shared = Threads()

  /// How many threads work, the caller among them; 1 to 64. From `GRAFT_THREADS`, else the cores up to 8.
  public var count: Int {
    get { limit.load(ordering: .relaxed) }
    set { limit.store(min(max(newValue, 1), 64), ordering: .relaxed) }
  }

  private let limit: Atomic<Int>
  private let isBusy = Atomic<Bool>(false)
  private let shares: UnsafeMutablePointer<Share>
  // How many shares the present job has, whatever becomes of `count` meanwhile.
  private let sharers = Atomic<Int>(1)
  private var generation: UInt64 = 0  // guarded by isBusy
  private let finished = Atomic<Int>(0)
  private let sleepers = Atomic<Int>(0)
  private var started = 0  // guarded by isBusy
  private var job: UnsafeRawPointer?
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let condition: UnsafeMutablePointer<pthread_cond_t>

  private init() {
    openblas_set_num_threads(1)
    var threads = min(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 8)
    if let text = getenv("GRAFT_THREADS"), let asked = Int(String(cString: text)) { threads = asked }
    limit = Atomic(min(max(threads, 1), 64))
    shares = .allocate(capacity: 64)
    for i in 0..<64 { (shares + i).initialize(to: Share()) }
    mutex = .allocate(capacity: 1)
    condition = .allocate(capacity: 1)
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  /// Runs `body(0)` … `body(chunks − 1)`, in any order, and returns when all are done.
  public func run(_ chunks: Int, _ body: (Int) -> Void) {
    guard chunks > 1, chunks < 65_536, count > 1,
      isBusy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged
    else {
      for i in 0..<max(chunks, 0) { body(i) }
      return
    }
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { pointer in
        start(chunks)
        job = UnsafeRawPointer(pointer)
        finished.store(0, ordering: .relaxed)
        share(chunks)
        if sleepers.load(ordering: .sequentiallyConsistent) > 0 {
          pthread_mutex_lock(mutex)
          pthread_cond_broadcast(condition)
          pthread_mutex_unlock(mutex)
        }
        work(0)
        var spins = 0
        while finished.load(ordering: .acquiring) < chunks {
          spins += 1
          if spins > 4_000 { sched_yield() } else { pause() }
        }
      }
    }
    isBusy.store(false, ordering: .releasing)
  }

  /// Cuts 0 ..< n into ranges of `grain` and runs them.
  func ranges(_ n: Int, grain: Int, _ body: (Range<Int>) -> Void) {
    let grain = max(grain, 1)
    run((n + grain - 1) / grain) { body($0 * grain..<min(n, ($0 + 1) * grain)) }
  }

  /// Hands every thread its neighbouring chunks.
  private func share(_ chunks: Int) {
    generation = (generation + 1) & 0xffff_ffff
    let threads = min(count, started + 1)
    sharers.store(threads, ordering: .relaxed)
    for i in 0..<threads {
      (shares + i).pointee.open(i * chunks / threads..<(i + 1) * chunks / threads, generation)
    }
  }

  /// Runs the chunks of this thread's share, then what the others have left.
  private func work(_ index: Int) {
    while let chunk = (shares + index).pointee.first() { run(chunk) }
    let threads = sharers.load(ordering: .relaxed)
    for step in 1..<max(threads, 2) {
      while let chunk = (shares + (index + step) % threads).pointee.last() { run(chunk) }
    }
  }

  private func run(_ chunk: Int) {
    // A claimed chunk keeps its job alive: `run` waits until all are finished.
    guard let job else { return }
    job.assumingMemoryBound(to: ((Int) -> Void).self).pointee(chunk)
    finished.wrappingAdd(1, ordering: .releasing)
  }

  private func start(_ chunks: Int) {
    while started < count - 1 {
      started += 1
      #if canImport(Glibc)
        var thread = pthread_t()
      #else
        var thread: pthread_t?
      #endif
      let index = started
      let box = Unmanaged.passRetained(Worker(index, self))
      let failed = pthread_create(
        &thread, nil,
        { raw in
          #if canImport(Glibc)
            let worker = Unmanaged<Worker>.fromOpaque(raw!).takeRetainedValue()
          #else
            let worker = Unmanaged<Worker>.fromOpaque(raw).takeRetainedValue()
          #endif
          worker.pool.live(worker.index)
          return nil
        }, box.toOpaque())
      if failed != 0 {
        box.release()
        started -= 1
        limit.store(started + 1, ordering: .relaxed)
        return
      }
      #if canImport(Glibc)
        pthread_detach(thread)
      #else
        if let thread { pthread_detach(thread) }
      #endif
    }
  }

  private final class Worker: Sendable {
    let index: Int
    let pool: Threads
    init(_ index: Int, _ pool: Threads) {
      self.index = index
      self.pool = pool
    }
  }

  /// A worker's life: work, spin a little, sleep.
  private func live(_ index: Int) {
    var signals = sigset_t()
    sigfillset(&signals)
    pthread_sigmask(SIG_BLOCK, &signals, nil)  // Ctrl-C belongs to the thread that reads the prompt
    while true {
      work(index)
      if hasWorkSoon(index) { continue }
      pthread_mutex_lock(mutex)
      sleepers.wrappingAdd(1, ordering: .sequentiallyConsistent)
      if !(shares + index).pointee.hasWork { pthread_cond_wait(condition, mutex) }
      sleepers.wrappingSubtract(1, ordering: .sequentiallyConsistent)
      pthread_mutex_unlock(mutex)
    }
  }

  /// Spins until there is work, for as long as a step may take between two jobs; by the clock, since a pause takes 10 to
  /// 45 ns by the processor.
  private func hasWorkSoon(_ index: Int) -> Bool {
    let clock = ContinuousClock(), end = clock.now + .microseconds(100)
    repeat {
      for _ in 0..<64 {
        if (shares + index).pointee.hasWork { return true }
        pause()
      }
    } while clock.now < end
    return false
  }

  /// A short wait that leaves the core's other half in peace.
  @inline(__always) private func pause() { ck_pause() }
}
