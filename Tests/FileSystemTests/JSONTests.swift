import Options
import TestSupport
import Testing

@testable import FileSystem

@Suite struct JSONTests {
  @Test func readsEveryKindAndKeepsTheOrder() throws {
    let json = try JSON.parse(#" {"b": [1, -2.5e3, true, false, null, "x"], "a": {}, "c": []} "#, name: "x")
    #expect(json.asObject?.keys == ["b", "a", "c"])
    #expect(json["b"] == [1, -2500.0, true, false, .null, "x"])
    #expect(try json.text() == #"{"b":[1,-2500.0,true,false,null,"x"],"a":{},"c":[]}"#)
  }

  @Test func wholeNumbersStayWhole() throws {
    #expect(try JSON.parse("9223372036854775807", name: "x") == .integer(.max))
    #expect(try JSON.parse("-9223372036854775808", name: "x") == .integer(.min))
    #expect(try JSON.parse("9223372036854775808", name: "x") == .number(9_223_372_036_854_775_808))
    #expect(try JSON.parse("1.0", name: "x") == .number(1))
    #expect(JSON.number(8).asInteger == 8)
    #expect(JSON.number(8.5).asInteger == nil)
    #expect(JSON.integer(2).asNumber == 2)
  }

  @Test func escapes() throws {
    let json = try JSON.parse(#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é😀""#, name: "x")
    #expect(json == .string("\"\\/\u{8}\u{c}\n\r\t\u{e9}😀é😀"))
  }

  @Test func keysAreToldApartByTheirBytes() throws {
    // The Ohm sign and omega are equal Strings in Swift, and two entries of a vocabulary.
    let json = try JSON.parse("{\"\u{2126}\": 1, \"\u{3a9}\": 2}", name: "x")
    #expect(json["\u{2126}"] == 1)
    #expect(json["\u{3a9}"] == 2)
  }

  @Test func manyKeysAreFoundAndRemoved() {
    var object = JSON.Object()
    for i in 0..<100 { object["k\(i)"] = .integer(i) }
    object["k3"] = nil
    object["k50"] = "new"
    #expect(object.count == 99)
    #expect(object["k3"] == nil)
    #expect(object["k50"] == "new")
    #expect(object["k99"] == 99)
    #expect(object.keys.prefix(4) == ["k0", "k1", "k2", "k4"])
  }

  @Test(arguments: [
    ("", "line 1, column 1: the document ends where a value should be"),
    ("{\n  \"a\": 1,\n  \"é\" 2}", "line 3, column 7: a colon should follow the key “é”, not “2”"),
    (#"{"a": 1, "b": 2, "a": 3}"#, "line 1, column 18: the key “a” stands twice"),
    ("[1, 2", "a comma or ] should be here, not the end"),
    ("[1,]", "a value should be here, not “]”"),
    ("{\"a\":1,}", "a key in double quotes should be here"),
    ("{a:1}", "a key in double quotes should be here, not “a”"),
    ("1 2", "the document has ended, but “2” follows"),
    ("nul", "a value should be here"), ("NaN", "NaN and Infinity are not JSON"),
    ("-", "a digit should be here"),
    ("01", "may not begin with 0"), ("1.", "a digit should follow the point"), ("1e+", "in the exponent"),
    ("1e999", "too large"), ("\"abc", "column 1: the text that begins here is not closed"),
    ("\"a\nb\"", "a control character"), (#""\q""#, "no such escape"),
    (#""\u12G4""#, "four hexadecimal digits"),
    (#""\ud800""#, "half of a surrogate pair"), (#""\ud800\u0041""#, "half of a surrogate pair"),
    (#""\udc00""#, "half of a surrogate pair"), ("\u{feff}{}", "byte order mark"),
    (String(repeating: "[", count: 200), "more than 128"),
  ])
  func refuses(_ text: String, _ words: String) {
    expectFailure(words) { _ = try JSON.parse(text, name: "f.json") }
    expectFailure("f.json") { _ = try JSON.parse(text, name: "f.json") }
  }

  @Test(
    arguments: [
      [0x80], [0xc0, 0x80], [0xc3], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xf5],
      [0xff],
      [0xe2, 0x82], [0xf0, 0x8f, 0x80, 0x80],
    ] as [[UInt8]])
  func refusesWhatIsNotUTF8(_ wrong: [UInt8]) {
    let bytes = Array("\"12345678".utf8) + wrong + Array("\"".utf8)
    expectFailure("column 10: this is not UTF-8") { _ = try JSON.parse(bytes, name: "x") }
  }

  @Test func acceptsEveryScalar() throws {
    var text = "\""
    for code in stride(from: UInt32(0x20), to: 0x11_0000, by: 37) {
      if let scalar = Unicode.Scalar(code), scalar != "\"", scalar != "\\" {
        text.unicodeScalars.append(scalar)
      }
    }
    let json = try JSON.parse(text + "\"", name: "x")
    #expect(ExactText.same(json.asString ?? "", String(text.dropFirst())))
  }

  /// The file is written by Scripts/golden_formats.py.
  @Test func writesPythonsBytes() throws {
    let text = try DiskFiles().text(of: Path.join(Path.parent(of: #filePath), "Golden/python.json"))
    #expect(try JSON.parse(text, name: "python.json").text(.huggingFace) == text)
  }

  @Test func refusesToWriteWhatJSONHasNot() {
    expectFailure("nan cannot be written") { _ = try JSON.number(.nan).text() }
    expectFailure("inf cannot be written") { _ = try JSON.array([.number(.infinity)]).text() }
  }

  @Test func anyValueIsShownOnOneLine() throws {
    let json: JSON = ["a\"\\\n\u{1b}": [.null, false, -3, 1e-5, .number(-.infinity), .number(-.nan)]]
    #expect(json.description == #"{"a\"\\\n\u001b":[null,false,-3,1e-05,"-inf","nan"]}"#)
    let marks = JSON.string("\u{7f}\u{9b}\u{2028}\u{e9}")
    #expect(marks.description == "\"\\u007f\\u009b\\u2028\u{e9}\"")
    #expect(try marks.text() == "\"\u{7f}\u{9b}\u{2028}\u{e9}\"")
    #expect(JSON.quoted("a\n") == #""a\n""#)
  }

  @Test func aDocumentWithinAFileKnowsItsLine() {
    expectFailure("“x”, line 7, column 2: ") { _ = try JSON.parse(Array("{oops}".utf8), name: "x", line: 7) }
  }

  @Test func placesNameTheWay() throws {
    let root = try JSONPlace(parsing: Array(#"{"a":{"b":[1,{"c":true}]},"n":8.0,"x":2.5}"#.utf8), name: "f")
    #expect(root["a"]["b"].list?[1]["c"].place == "f: a.b[1].c")
    #expect(root["a"]["b"].list?[1]["c"].flag == true)
    #expect(root["a"]["b"].list?[1]["c"].integer == nil)
    #expect(root["no"]["where"].isNull && root["n"]["a"].isNull)
    #expect(root["no"].failure("a list").what == "f: no is missing: it must be a list.")
    #expect(root["n"].failure("a list").what == "f: n must be a list.")
    #expect(root.members?.map(\.key) == ["a", "n", "x"])
    #expect(["a", "n", "x", "no"].map { root[$0].plain } == [nil, "8", "2.5", ""])
    let failure = failure { _ = try JSONPlace(parsing: Array("[1,".utf8), name: "f") }
    #expect(failure.what == "f is not JSON." && failure.details[0].contains("line 1, column 4"))
  }

  @Test func mutatedDocumentsNeitherTrapNorChangeWhenWritten() throws {
    let seed = Array(
      #"{"dtype":"F32","shape":[2,-3.5e2],"é":"\ud83d\ude00\n","o":{"x":null,"y":[true,false]},"n":12345678901}"#
        .utf8)
    var damage = Damage(seed: 7), read = 0
    for _ in 0..<50_000 {
      let bytes = damage.mutate(seed)
      do {
        let json = try JSON.parse(bytes, name: "x")
        read += 1
        if read % 16 == 0 { #expect(try JSON.parse(json.text(.pretty), name: "y") == json) }
      } catch is Failure {}
    }
    #expect(read > 1000)
  }
}
