import Options
import Testing

struct SuggestionTests {
  let verbs = ["attach", "detach", "step", "show", "save", "status", "undo", "update", "top"]

  @Test(arguments: [
    ("atach", "attach"), ("attahc", "attach"), ("setp", "step"), ("tsep", "step"), ("shwo", "show"),
    ("ATTACH", "attach"),
    ("stat", "status"), ("udno", "undo"), ("attachh", "attach"), ("sav", "save"), ("otp", "top"),
  ])
  func near(typed: String, meant: String) { #expect(nearest(to: typed, among: verbs) == meant) }

  @Test func nothingNear() {
    for text in ["", "zzzz", "quantize", String(repeating: "a", count: 61)] {
      #expect(nearest(to: text, among: verbs) == nil, "\(text)")
    }
    #expect(nearest(to: "step", among: []) == nil)
    #expect(nearest(to: "微调", among: ["微调法"]) == "微调法")
  }

  @Test func unknownNames() {
    let failure = unknown("command", "atach", among: verbs)
    #expect(failure.what == "no command “atach”." && failure.cure == "Did you mean “attach”?")
    #expect(failure.details == ["there are: attach detach save show status step top undo update"])
    #expect(unknown("site", "x", among: (0..<41).map { "s\($0)" }, of: "m").details.isEmpty)
    #expect(unknown("site", "zzz", among: [], of: "m") == Failure("no site “zzz” of m."))
  }

  @Test func wrappedWords() {
    #expect(wrapped(["aa", "bb", "cc"], prefix: "are: ", columns: 10) == ["are: aa bb", "     cc"])
    #expect(wrapped([], prefix: "are: ") == ["are: "])
    for line in wrapped((0..<40).map { "word\($0)" }, prefix: "there are: ") { #expect(line.count <= 76) }
  }

  @Test func failures() {
    let failure = Failure("what.", cure: "cure.", details: ["one", "two"])
    #expect(failure.description == "what.\none\ntwo\ncure.")
    #expect(failure.at(1..<2).place == 1..<2)
    #expect(failure.at(1..<2).at(3..<4).place == 1..<2)
    #expect(failure.at(nil).place == nil)
  }
}
