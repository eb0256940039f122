import Events
import Lessons
import Options

/// `graft check [FOLDER] [LESSON …]`: what authors and CI ask of lessons.
enum CheckFace {
  static func run(_ arguments: Arguments) throws -> Int32 {
    let library = arguments.words.first.map { LessonLibrary(folder: $0) } ?? LessonLibrary.bundled
    let wanted = Set(arguments.words.dropFirst())
    let renderer = PlainText(Presentation())
    var rows: [[Datum]] = [], faults = try LessonCheck.together(library)
    for language in Language.allCases {
      for lesson in try library.own(language) where wanted.isEmpty || wanted.contains(lesson.id) {
        let report = LessonCheck.run(lesson)
        faults += report.faults
        let state = report.faults.isEmpty ? "fine" : "\(report.faults.count) faults"
        rows.append([.words(report.file), .count(report.ran), .seconds(report.seconds), .words(state)])
      }
    }
    let table = Table(columns: ["lesson", .init("ran", .right), .init("time", .right), "result"], rows: rows)
    Plain.line(renderer.text(of: .table(table), cell: 0))
    for fault in faults { Plain.line("  " + fault) }
    Plain.line(
      "\(rows.count - Set(faults.compactMap { $0.split(separator: ":").first }).count) passed, \(faults.count) failed"
    )
    return rows.isEmpty || !faults.isEmpty ? Status.failed : Status.fine
  }
}
