import Options
import Testing

@testable import Lessons

@Test func readsEveryKindOfStep() throws {
  let lesson = try LessonReader.read(sample, file: "small.md")
  #expect(lesson.id == "small")
  #expect(lesson.seed == 3)
  #expect(lesson.counted.map(\.id) == ["small/1", "small/2", "small/3"])
  #expect(lesson.cells.count == 3)
  guard case .predict(let question) = lesson.steps[2].kind else {
    throw Failure("the third step is no prediction")
  }
  #expect(question.choices.map(\.key) == ["a", "b"])
  #expect(question.choices[0].remark == "B is zero.")
  guard case .cell(_, let fails) = lesson.steps[4].kind else { throw Failure("the fifth step is no cell") }
  #expect(fails)
}

@Test(arguments: [
  ("no head", "begins with a head"),
  ("---\ntitle: x\n---\n", "needs an id"),
  ("---\nid: x\nseed\n---\n", "not key: value"),
  ("---\nid: x\ntittle: y\n---\n", "no key “tittle”"),
  ("---\nid: x\n---\n```graft\nstep\n", "never closed"),
  ("---\nid: x\n---\n```{predikt}\n```\n", "no fence “{predikt}”"),
  ("---\nid: x\n---\n```{predict}\nq\nanswer: a\n```\n", "answer: and because:"),
  ("---\nid: x\n---\n```{predict}\nq\n- a: y\nanswer: c\nbecause: z\n```\n", "not one of the choices"),
  ("---\nid: x\n---\n```{do}\nq\ncheck: 1\n```\n", "hint: and answer:"),
  ("---\nid: x\n---\n```{explain} id=y/1\nq\nauthor: a\n```\n", "should begin with x/"),
])
func faultsNameFileLineAndForm(text: String, says: String) {
  #expect { try LessonReader.read(text, file: "bad.md") } throws: { error in
    guard let failure = error as? Failure else { return false }
    return failure.what.hasPrefix("bad.md:") && failure.what.contains(says) && !failure.cure.isEmpty
  }
}

@Test func mutatedLessonsNeverTrap() {
  var state: UInt64 = 7
  func draw(_ n: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % n
  }
  let base = Array(sample.utf8)
  for _ in 0..<2000 {
    var bytes = base
    for _ in 0...draw(4) {
      let at = draw(bytes.count)
      switch draw(3) {
      case 0: bytes.remove(at: at)
      case 1: bytes.insert(UInt8(draw(128)), at: at)
      default: bytes.removeSubrange(at..<min(bytes.count, at + draw(40)))
      }
    }
    _ = try? LessonReader.read(String(decoding: bytes, as: UTF8.self), file: "x.md")
  }
}
