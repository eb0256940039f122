import Testing

@testable import Lessons

@Test func aGoodLessonPasses() throws {
  let report = LessonCheck.run(try LessonReader.read(sample, file: "small.md"))
  #expect(report.faults.isEmpty, "\(report.faults)")
  #expect(report.ran == 4)
}

@Test(arguments: [
  ("answer: step 3", "answer: step 2", "does not hold after"),
  ("check: step() == 3", "check: step() == 0", "hold before anything is done"),
  ("== 0\n```\n\n```graft {fails}", "> 0\n```\n\n```graft {fails}", "does not hold"),
  ("attach nothing", "lr 1e-3", "was to fail, and ran"),
  ("attach lora r=2", "attach lora q=2", "the cell failed"),
  ("answer: step 3", "answer: stp 3", "reference answer failed"),
])
func faultsAreFound(old: String, new: String, says: String) throws {
  let text = sample.replacing(old, with: new)
  #expect(text != sample)
  let report = LessonCheck.run(try LessonReader.read(text, file: "small.md"))
  #expect(report.faults.contains { $0.contains(says) }, "\(report.faults)")
}

@Test func translationsMustHaveTheSameCellsAndIds() throws {
  let good = try library(["00-small.md": sample], chinese: ["00-small.md": sample])
  #expect(try LessonCheck.together(good).isEmpty)
  let other = try library(
    ["00-small.md": sample], chinese: ["00-small.md": sample.replacing("r=2", with: "r=4")])
  #expect(try LessonCheck.together(other).contains { $0.contains("a cell differs") })
  let ids = try library(
    ["00-small.md": sample], chinese: ["00-small.md": sample.replacing("small/2", with: "small/7")])
  #expect(try LessonCheck.together(ids).contains { $0.contains("ids differ") })
}
