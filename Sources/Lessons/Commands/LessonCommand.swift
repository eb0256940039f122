import Events
import Notebook
import Options

/// `lesson`: lists lessons, starts one, jumps into one, leaves one.
public struct LessonCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "lesson", "Lists the lessons, or starts one.",
    use: "lesson lora/3 jumps to a step; lesson off comes back to your own session.",
    examples: ["lesson", "lesson 0", "lesson lora", "lesson lora/3", "lesson off"])

  /// What was typed.
  public var call = Call()
  /// A lesson.
  public static var takes: Takes {
    Takes("[LESSON]", 0...1) { _, session in
      ((try? LessonPlayer.of(session).library.lessons(session.presentation.language)) ?? []).map(\.id) + [
        "off"
      ]
    }
  }

  /// The list.
  public init() {}

  /// Lists, starts or leaves.
  public func run(_ session: Session) throws -> Done {
    let player = try LessonPlayer.of(session)
    guard let word = call.text(0) else {
      try list(player, session)
      return .unrecorded
    }
    if word == "off" {
      try player.leave(session)
      return .unrecorded
    }
    let parts = word.split(separator: "/").map(String.init)
    let lessons = try player.library.lessons(session.presentation.language)
    var step: Int?
    if parts.count == 2, let lesson = lessons.first(where: { $0.id == parts[0] }) {
      guard let found = lesson.steps.firstIndex(where: { $0.id == word }) else {
        throw unknown("step", word, among: lesson.counted.map(\.id)).at(call.places.first)
      }
      step = found
    }
    do { try player.start(parts[0], step: step, session) } catch let failure as Failure {
      throw failure.at(call.places.first)
    }
    return .unrecorded
  }

  private func list(_ player: LessonPlayer, _ session: Session) throws {
    let lessons = try player.library.lessons(session.presentation.language)
    let rows = lessons.enumerated().map { number, lesson -> [Datum] in
      let done = lesson.counted.filter { player.progress.entries[$0.id] != nil }.count
      let changed = lesson.counted.filter { step in
        player.progress.entries[step.id].map { $0.content != step.content } ?? false
      }.count
      let state =
        done == 0
        ? "" : "\(done) of \(lesson.counted.count)" + (changed > 0 ? ", \(changed) changed since" : "")
      return [
        .words(lesson.id), .words(lesson.title), .words("\(lesson.minutes) min"),
        .words(lesson.needs.joined(separator: " ")), .words(state),
      ]
    }
    session.emit(
      .table(
        Table(
          columns: [
            .init("lesson", priority: 0), .init("about", priority: 1), "time", .init("after", priority: 9),
            .init("done", priority: 2),
          ], rows: rows)))
    session.say(.dim("lesson \(lessons.first?.id ?? "tour") starts one"))
  }
}
