import Testing

@testable import Notebook

@Suite struct CompletenessTests {
  @Test(arguments: [
    ("", Completeness.complete), ("step", .complete), ("step \\", .incomplete), ("step \\  ", .incomplete),
    ("step \\\n", .complete),
    ("step \\\n 3", .complete), ("repeat 3 {", .incomplete), ("repeat 3 {\n step\n", .incomplete),
    ("repeat 3 {\n step\n}", .complete),
    ("f(1,", .incomplete), ("f(1,\n2)", .complete), ("x[0", .incomplete), ("gen \"a", .invalid),
    ("f(\"a", .incomplete),
    ("f(\"a\nb\")", .complete), ("repeat 2 { gen \"a", .invalid), ("gen \"a\\\"", .invalid),
    ("gen \"a\\\"\"", .complete),
    ("gen \"(\"", .complete), ("step # (", .complete), ("step # \\", .complete), ("f( # )\n", .incomplete),
    (")", .invalid), ("f(]", .invalid),
    ("f(1; 2)", .invalid), ("f({", .invalid), ("}", .invalid), ("?(", .complete), ("\\\n ?(", .complete),
    ("x \\\n ?(", .incomplete), ("?\"", .complete),
    ("step; ?[ ; step", .complete),
    ("?( ; repeat 2 {", .incomplete), ("gen C:\\x", .complete), ("repeat 2 { ?( }", .complete),
    ("gen \"学", .invalid),
  ])
  func judges(_ text: String, _ completeness: Completeness) {
    #expect(Completeness.of(text) == completeness)
  }
}
