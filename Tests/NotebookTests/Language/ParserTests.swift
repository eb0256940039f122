import Options
import Testing

@testable import Notebook

@Suite struct ParserTests {
  /// The canonical text of a line: it shows how the line was read.
  static let readings: [(String, String)] = [
    ("att lora r: 8", "attach lora r=8"), ("sta", "status"),
    ("attach  lora   r = 8 # why", "attach lora r=8"),
    ("step -5", "step -5"), ("task +2,+5", "task 2,5"), ("step .5", "step 0.5"), ("lr 1e-3", "lr 0.001"),
    ("lr 1.", "lr 1.0"), ("lr 2.0", "lr 2.0"), ("hist 3 %", "hist 3 %"), ("hist %7 %%", "hist %7 %%"),
    ("gen \"12\" 12 12a", "gen \"12\" 12 12a"), ("gen \"yes\" yes \"no\"", "gen \"yes\" yes \"no\""),
    ("step 10;", "step 10;"), ("undo; step 39;", "undo; step 39;"), ("undo;step", "undo; step"),
    ("save a;\nnext", "save a;\nnext"), ("save a\n\nnext\n", "save a; next"),
    ("show x[0,:]", "show x[0, :]"), ("show x [0]", "show x [0]"), ("show a , b", "show a,b"),
    ("show [a,b]", "show a,b"),
    ("show 0..3 a..b ../x", "show 0..3 a..b ../x"), ("hist grad(x) 3", "hist grad(x) 3"), ("x+1", "x + 1"),
    ("norm (x)", "norm(x)"), ("-x^2", "-x^2"), ("s", "s"), ("top(x)", "top(x)"),
    ("x==1 and not x<=2", "x == 1 and not x <= 2"),
    ("a.0.*.b", "a.0.*.b"), ("2*-x", "2 * -x"), ("let m=gpt layers=2;", "let m = gpt layers=2;"),
    ("let y=gpt(3)", "let y = gpt(3)"),
    ("let y = blocks.0", "let y = blocks.0"), ("repeat 3{step}", "repeat 3 { step }"),
    ("repeat 0 {}", "repeat 0 { }"),
    ("repeat 2 {\nstep;\neval\n}", "repeat 2 { step;\neval }"),
    ("repeat 2 { step; eval; }", "repeat 2 { step; eval; }"),
    ("sweep r=1..4 {step}", "sweep r = 1..4 { step }"), ("until(x<1){step}", "until (x < 1) { step }"),
    ("until x < 1 max = 5 { step }", "until x < 1 max=5 { step }"), ("?lora ; step", "?lora; step"),
    ("? ? a b ", "??a b"),
    ("lora?", "?lora"), ("lora?? # c", "??lora"), ("gen why?", "gen why?"),
    ("attach \\\n lora", "attach lora"),
    ("attach lora\\\n r=8", "attach lora r=8"), ("attach\u{3000}lora\u{A0}r=8", "attach lora r=8"),
    ("\u{FEFF}step", "step"),
    ("step\r\neval\r\n", "step; eval"), ("gen \"a\\tb\\u{e9}\"", "gen \"a\\tbé\""),
    ("gen(\"x\ny\")", "gen(\"x\\ny\")"),
    ("学习率 * 2", "学习率 * 2"), ("show 学习", "show 学习"), ("show a?b:c http://x.y/z", "show a?b:c http://x.y/z"),
    ("set --slow", "set --slow"), ("show \"r:\" \"@a\" \"%\"", "show \"r:\" \"@a\" \"%\""),
    ("let y = true", "let y = yes"),
    ("attach lora on=*.attn.q,attn.*", "attach lora on=*.attn.q,attn.*"),
    ("show [[1,2]] [[1],2]", "show [[1,2]] [1],2"),
    ("data csv f template=\"{text}\"", "data csv f template=\"{text}\""), ("gen\"eg\"", "gen eg"),
  ]

  @Test(arguments: readings)
  func reads(_ text: String, _ canonical: String) throws {
    let cell = try parsed(text)
    #expect(cell.description == canonical)
    #expect(try parsed(canonical).unplaced == cell.unplaced)
  }

  @Test func aCommandHasItsParts() throws {
    let cell = try parsed("  att lora r=8 on=attn.q,attn.v ; step")
    guard case .command(let command) = cell.statements[0].kind else { throw Failure("no command") }
    #expect(command.verb == .init(text: "attach", range: 2..<5))
    #expect(command.range == 2..<31)
    #expect(command.positional.map(\.literal) == [.text("lora")])
    #expect(command.named.map { $0.name?.text } == ["r", "on"])
    #expect(command.named[0].range == 11..<14)
    #expect(command.named[0].value == .init(kind: .literal(.integer(8)), range: 13..<14))
    #expect(command.named[1].value.literal == .list([.text("attn.q"), .text("attn.v")]))
    #expect(command.named[1].value.range == 18..<31)
    #expect(cell.statements[1].range == 34..<38)
    #expect(!cell.statements[0].silent)
  }

  @Test func positionsCountBytes() throws {
    let cell = try parsed("gen \"学\" ; x")
    #expect(cell.statements.map(\.range) == [0..<9, 12..<13])
  }

  @Test(arguments: [
    ("8", OptionValue.integer(8)), ("+2", .integer(2)), ("-11", .integer(-11)), (".5", .number(0.5)),
    ("-.5", .number(-0.5)),
    ("1e-3", .number(0.001)), ("1E3", .number(1000)), ("1.", .number(1)), ("yes", .flag(true)),
    ("no", .flag(false)),
    ("on", .text("on")), ("0..3", .range(0, 3)), ("-3..-1", .range(-3, -1)),
    ("1,2", .list([.integer(1), .integer(2)])),
    ("[1]", .list([.integer(1)])), ("[]", .list([])), ("a..b", .text("a..b")), ("1..", .text("1..")),
    ("1e", .text("1e")),
    ("-", .text("-")), ("0x10", .text("0x10")), ("nan", .text("nan")), ("inf", .text("inf")),
    ("5%", .text("5%")),
    ("-9223372036854775808", .integer(.min)), ("\"8\"", .text("8")),
    ("a.b,\"c d\"", .list([.text("a.b"), .text("c d")])),
  ])
  func literals(_ text: String, _ value: OptionValue) throws {
    for line in ["set v=\(text)", "set \(text)"] {
      guard case .command(let command) = try parsed(line).statements[0].kind else {
        throw Failure("no command")
      }
      #expect(command.arguments[0].value.literal == value)
    }
  }

  @Test func namesWinOverPrefixesButNotOverVerbs() throws {
    let words = Vocabulary(verbs: ["step", "eval"], names: ["s", "eval"], makers: [])
    guard case .expression = try Parser.parse("s", words).statements[0].kind else {
      throw Failure("a command")
    }
    guard case .command = try Parser.parse("st", words).statements[0].kind else {
      throw Failure("an expression")
    }
    guard case .command = try Parser.parse("eval", words).statements[0].kind else {
      throw Failure("an expression")
    }
    guard case .expression = try Parser.parse("eval(1)", words).statements[0].kind else {
      throw Failure("a command")
    }
    guard case .expression = try Parser.parse("st", verbs: ["step"], prefixes: false).statements[0].kind
    else {
      throw Failure("a command")
    }
  }

  @Test func operatorsBindAsInMathematics() throws {
    func tree(_ e: Syntax.Expression) -> String {
      switch e.kind {
      case .binary(let sign, let a, let b): return "(\(tree(a)) \(sign.rawValue) \(tree(b)))"
      case .unary(let sign, let a): return "(\(sign.rawValue) \(tree(a)))"
      default: return e.description
      }
    }
    let cases = [
      ("1+2*3", "(1 + (2 * 3))"), ("1-2-3", "((1 - 2) - 3)"), ("2^3^4", "(2 ^ (3 ^ 4))"),
      ("-x^2", "(- (x ^ 2))"),
      ("2^-1*3", "((2 ^ (- 1)) * 3)"), ("a<b and c or d", "(((a < b) and c) or d)"),
      ("not a == b and c", "((not (a == b)) and c)"),
      ("a\n+ 1", "(a + 1)"), ("-a*b", "((- a) * b)"),
    ]
    for (text, expected) in cases { #expect(tree(try Parser.expression(text)) == expected) }
  }

  @Test func longTextsAreLinear() throws {
    let list = Array(repeating: "1", count: 20_000).joined(separator: ",")
    guard case .command(let command) = try parsed("set v=\(list)").statements[0].kind else {
      throw Failure("no command")
    }
    #expect(command.arguments[0].value.literal?.elements.count == 20_000)
    #expect(
      try parsed(Array(repeating: "step", count: 5_000).joined(separator: "\n")).statements.count == 5_000)
    let backslashes = String(repeating: "\\ ", count: 20_000)
    #expect(try parsed("gen \(backslashes)x").statements.count == 1)
    #expect(throws: Failure.self) { try parsed("(" + String(repeating: "[", count: 100_000)) }
  }
}
