import Events
import Notebook
import Options

/// What authors and CI ask of a lesson: it runs, its number holds, and each task's check fails before and passes
/// after the reference answer.
public struct LessonCheck {
  /// What was found in one lesson.
  public struct Report: Sendable {
    /// The lesson's file.
    public let file: String
    /// Faults, each with its line; empty: the lesson is fine.
    public var faults: [String] = []
    /// How many cells, tasks and expectations ran.
    public var ran = 0
    /// Seconds it took.
    public var seconds = 0.0
  }

  /// The most seconds that a lesson may take.
  public static let budget = 30.0

  /// Plays a lesson from an empty session without a learner.
  public static func run(_ lesson: Lesson) -> Report {
    var report = Report(file: lesson.file)
    var failures: [String] = []
    let session = Session { event in
      if case .error(let view) = event { failures.append(view.failure.what) }
    }
    let clock = ContinuousClock(), start = clock.now
    func fault(_ step: Lesson.Step, _ what: String) {
      report.faults.append("\(lesson.file):\(step.line): \(what)")
    }
    func holds(_ formula: String) throws -> Bool { (try session.value(of: formula).asNumber ?? 0) != 0 }
    do { try session.startOver(seed: lesson.seed) } catch { report.faults.append("\(error)") }
    for step in lesson.steps {
      failures = []
      switch step.kind {
      case .cell(let text, let fails):
        report.ran += 1
        do {
          try session.perform(text)
          if fails { fault(step, "this cell was to fail, and ran") }
        } catch { if !fails { fault(step, "the cell failed: \(error)") } }
        if !fails, let failure = failures.first { fault(step, "the cell showed an error: \(failure)") }
      case .expect(let formulas):
        for formula in formulas {
          report.ran += 1
          do {
            if try !holds(formula) { fault(step, "does not hold: \(formula)") }
          } catch { fault(step, "\(formula): \(error)") }
        }
      case .task(let task):
        report.ran += 1
        if task.checks.allSatisfy({ (try? holds($0)) == true }) {
          fault(step, "\(step.id): its checks hold before anything is done")
        }
        do { try session.perform(task.answer) } catch {
          fault(step, "\(step.id): the reference answer failed: \(error)")
        }
        for formula in task.checks where (try? holds(formula)) != true {
          fault(step, "\(step.id): does not hold after the reference answer: \(formula)")
        }
        for (formula, _) in task.misconceptions {
          do { _ = try holds(formula) } catch {
            fault(step, "\(step.id): the misconception cannot be read: \(formula)")
          }
        }
      default: break
      }
    }
    report.seconds = seconds(clock.now - start)
    if report.seconds > budget {
      report.faults.append("\(lesson.file): takes \(report.seconds) s, more than \(budget)")
    }
    return report
  }

  /// What holds for all lessons together: ids are unique, and a translation has the same ids and cells.
  public static func together(_ library: LessonLibrary) throws -> [String] {
    var faults: [String] = []
    let english = try library.own(.en)
    var seen: Set<String> = []
    for id in english.map(\.id) + english.flatMap({ $0.counted.map(\.id) }) where !seen.insert(id).inserted {
      faults.append("the id \(id) is there twice")
    }
    for lesson in english {
      for need in lesson.needs where !english.contains(where: { $0.id == need }) {
        faults.append("\(lesson.file): needs \(need), which is not there")
      }
    }
    for language in Language.allCases where language != .en {
      for lesson in try library.own(language) {
        guard let original = english.first(where: { $0.id == lesson.id }) else {
          faults.append("\(lesson.file): there is no English lesson \(lesson.id)")
          continue
        }
        if lesson.counted.map(\.id) != original.counted.map(\.id) {
          faults.append("\(lesson.file): its ids differ from \(original.file)")
        }
        for (a, b) in zip(lesson.cells, original.cells) where a != b {
          faults.append("\(lesson.file): a cell differs from \(original.file): \(a)")
        }
        if lesson.cells.count != original.cells.count {
          faults.append(
            "\(lesson.file): has \(lesson.cells.count) cells, \(original.file) \(original.cells.count)")
        }
      }
    }
    return faults
  }

  private static func seconds(_ d: Duration) -> Double {
    Double(d.components.seconds) + Double(d.components.attoseconds) * 1e-18
  }
}
