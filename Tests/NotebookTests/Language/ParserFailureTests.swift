import Options
import Testing

@testable import Notebook

@Suite struct ParserFailureTests {
  /// A text, the words that the caret must mark, how often they occur before, and what the message must hold.
  struct Case: CustomTestStringConvertible {
    let text: String, marked: String, nth: Int, message: String
    init(_ text: String, _ marked: String, _ message: String, nth: Int = 0) {
      (self.text, self.marked, self.message, self.nth) = (text, marked, message, nth)
    }
    var testDescription: String { text }
  }

  static let cases = [
    Case("atach lora r=8", "atach", "no command “atach”.\nDid you mean “attach”?"),
    Case("stp -5 r=3", "stp", "Did you mean “step”?"),
    Case("undo; atach lora", "atach", "Did you mean “attach”?"),
    Case("Attach lora", "Attach", "Did you mean “attach”?"),
    Case("repea 3 { step }", "repea", "Did you mean “repeat”?"),
    Case("zzzz lora", "zzzz", "Type ? for the list."), Case("repeat 2 { atach lora }", "atach", "no command"),
    Case("st 10", "st", "“st” could be 2 commands.\nthere are: step status"),
    Case("e", "e", "there are: eval export"),
    Case("attach lora r=(2*x", "(", "“(” that stands here is not closed"),
    Case("repeat 2 { step", "{", "is not closed"),
    Case("f([1, 2)", ")", "the “[” is not closed before this"), Case("show [1, 2", "[", "Put a “]”"),
    Case("step)", ")", "No bracket is open"),
    Case("step }", "}", "No bracket is open"), Case("gen \"eg", "\"", "no closing quote"),
    Case("gen \"eg\nstep", "\"", "no closing quote"),
    Case("gen \"a\\q\"", "\\q", "There are \\n"), Case("gen \"\\u{110000}\"", "\\u", "There are"),
    Case("gen \"\\u{d800}\"", "\\u", "There are"),
    Case("x = 3", "x =", "let x = …"), Case("y = 3", "y =", "let y = …"),
    Case("lr = 3", "=", "no “=” follows"), Case("lr=3", "=", "lr 3"),
    Case("attach lora r=", "r=", "a value is missing after “r=”"),
    Case("attach lora r= ; step", "r=", "value is missing"),
    Case("attach lora r:", "r:", "value is missing"),
    Case("attach lora r=8,", ",", "a value is missing after “,”"),
    Case("attach lora 2=3", "2", "cannot be the name of an option"),
    Case("attach lora --r=3", "--r", "Such as: r=8"),
    Case("attach lora r==3", "==", "in parentheses"), Case("attach lora r=8=9", "=", "cannot stand", nth: 1),
    Case("attach lora \"x\" =3", "=", "in quotes"), Case("attach ,lora", ",", "A value stands before"),
    Case("gen a\"b\"", "\"", "a space is missing"),
    Case("gen \"a\"b", "b", "a space is missing"), Case("hist norm(x)*2", "*2", "a space is missing"),
    Case("hist x+norm(x)", "x+norm", "in parentheses"),
    Case("hist @", "@", "a model's name"), Case("hist @m-2", "@m-2", "in parentheses"),
    Case("step { x }", "{", "A block follows"),
    Case("step 99999999999999999999", "99999999999999999999", "too large"),
    Case("lr 1e999", "1e999", "too large"),
    Case("x + 1e999", "1e999", "too large"),
    Case("show 1..99999999999999999999", "99999999999999999999", "too large"),
    Case("%99999999999999999999", "99999999999999999999", "too large"),
    Case("x[99999999999999999999]", "99999999999999999999", "too large"),
    Case("repeat step", "step", "needs a whole number"),
    Case("repeat -1 { step }", "-1", "needs a whole number"),
    Case("repeat 2.5 { step }", "2.5", "needs a whole number"),
    Case("repeat 2 step", "step", "needs a block"), Case("repeat 2", "repeat", "needs a block"),
    Case("repeat", "repeat", "needs a whole number"), Case("sweep r { step }", "r", "a “=” is missing"),
    Case("sweep = 1 { step }", "=", "a name is missing"),
    Case("sweep r = { step }", "=", "value is missing"),
    Case("until { step }", "until", "an expression is missing"),
    Case("until x < 1", "until", "needs a block"),
    Case("until x < 1 min=3 { step }", "min", "cannot stand after the condition"),
    Case("until x max { step }", "max", "a “=” is missing"),
    Case("let", "let", "a name is missing"), Case("let 3 = x", "3", "a name is missing"),
    Case("let not = 3", "not", "cannot be a name"),
    Case("let y 3", "y", "a “=” is missing"), Case("let y =", "=", "an expression is missing"),
    Case("let y = gtp layers=2", "gtp", "Did you mean “gpt”?"),
    Case("let y = attach lora", "attach", "makes nothing"), Case("let y = x = 3", "=", "Two compare", nth: 1),
    Case("x +", "+", "an expression is missing after “+”"), Case("x + * 3", "*", "cannot stand"),
    Case("x ** 2", "**", "x^2"), Case("x && m", "&&", "“and”"),
    Case("x || m", "||", "“or”"), Case("!x", "!", "“not”"),
    Case("1 < x < 2", "<", "comparisons do not chain", nth: 1), Case("x 3", "3", "cannot stand after"),
    Case("2x", "2x", "2 * x"), Case("x.", ".", "a path ends with a point"),
    Case("x..y", ".", "a path ends with a point"), Case("x[]", "[]", "an index is missing"),
    Case("x[1.5]", ".5", "a comma or a “]” is missing"), Case("x[a]", "a", "as an index"),
    Case("f(1,)", ",", "Leave the comma out"), Case("f(1 2)", "2", "a comma or a “)” is missing"),
    Case("f(,1)", ",", "A value stands"), Case("()", "(", "an expression is missing"),
    Case("3 % 2", "%", "cannot stand"), Case("x = = 3", "x =", "let x"),
    Case("norm（x）", "（", "type “(”"), Case("1 − 2", "−", "Type “-”"), Case("x ≤ 2", "≤", "“<=”"),
    Case("f(“a”)", "“", "straight double quotes"),
    Case(";", ";", "stands before each"), Case("step;; eval", ";", "stands before each", nth: 1),
    Case("step-11", "step", "Type: step -11"), Case("e+1", "e", "a blank follows"),
    Case("let y = gpt-2", "gpt", "a blank follows"),
    Case("step 3 \u{1B}[A", "\u{1B}", "control character 1B"),
    Case("x \\ 3", "\\", "only as its last"), Case("\\x", "\\x", "cannot stand"),
    Case("and x", "and", "missing"), Case("show and(x)", "and", "in parentheses"),
    Case("f(x", "(", "is not closed"), Case("x + (1", "(", "is not closed"),
    Case("show x[0", "[", "is not closed"), Case("x; y z", "y", "no command “y”"),
  ]

  @Test(arguments: cases)
  func marks(_ c: Case) throws {
    let failure = try #require(throws: Failure.self) { try parsed(c.text) }
    let place = try #require(failure.place)
    let bytes = Array(c.text.utf8)
    #expect(String(decoding: bytes[place], as: UTF8.self).hasPrefix(c.marked), "\(failure) at \(place)")
    #expect(failure.description.contains(c.message), "\(failure)")
    let starts = bytes.indices.filter { bytes[$0...].starts(with: Array(c.marked.utf8)) }
    #expect(starts.contains(place.lowerBound))
    if c.nth > 0 { #expect(starts.firstIndex(of: place.lowerBound) == c.nth) }
  }

  @Test func caretsAreExact() throws {
    let exact: [(String, Range<Int>)] = [
      ("atach lora r=8", 0..<5), ("gen \"学\\q\"", 8..<10), ("step 99999999999999999999", 5..<25),
      ("attach lora r= ; x", 12..<14),
      ("repeat 2 { step", 9..<10), ("1 < x < 2", 6..<7), ("学 习", 0..<3), ("x ** 2", 2..<4), ("x[]", 1..<3),
      ("st 10", 0..<2),
      ("f(1,)", 3..<4), ("norm（x）", 4..<7), ("let y = gtp layers=2", 8..<11), ("x = 3", 0..<3),
      ("hist @m-2", 5..<9),
    ]
    for (text, place) in exact {
      let failure = try #require(throws: Failure.self) { try parsed(text) }
      #expect(failure.place == place, "\(text): \(failure)")
    }
  }

  @Test func nestingIsLimited() throws {
    func nested(_ n: Int, _ a: String, _ b: String, _ core: String = "1") -> String {
      String(repeating: a, count: n) + core + String(repeating: b, count: n)
    }
    for (a, b, core) in [
      ("(", ")", "1"), ("[", "]", "1"), ("f(", ")", "1"), ("-", "", "1"), ("not ", "", "x"), ("2^", "", "1"),
      ("repeat 1 { ", "}", "step"),
    ] {
      #expect(throws: Never.self) { try parsed(nested(100, a, b, core)) }
      let failure = try #require(throws: Failure.self) { try parsed(nested(101, a, b, core)) }
      #expect(failure.what == "this is nested more than 100 deep.")
      #expect(throws: Failure.self) { try parsed(nested(50_000, a, b, core)) }
    }
    #expect(throws: Never.self) { try parsed(nested(500, "1+", "")) }
    let failure = try #require(throws: Failure.self) { try parsed(nested(501, "1+", "")) }
    #expect(failure.what.contains("500 operators"))
    #expect(failure.place == 1001..<1002)
    #expect(throws: Failure.self) { try parsed("x" + String(repeating: "[0]", count: 501)) }
    #expect(throws: Failure.self) { try parsed("set " + nested(101, "[", "]")) }
  }
}
