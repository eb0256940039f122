import Events
import FileSystem
import Networks
import Options
import Testing
import TestSupport
import Training

@testable import Data
@testable import Notebook

/// Pictures as a task: for a model that sees, and for one that is told in image tokens.
@Suite struct PictureDataTests {
  /// Made-up pictures: the class's row is bright.
  static func pictures(_ count: Int, size: Int, classes: [String] = PictureSet.digits.labels) throws
    -> LabelledPictures
  {
    let pixels = (0..<count).flatMap { i -> [UInt8] in
      (0..<size * size).map { place -> UInt8 in
        place / size == i % classes.count * size / classes.count ? 250 : UInt8((i * 7 + place * 3) % 60)
      }
    }
    return try LabelledPictures(
      height: size, width: size, labels: classes, choices: (0..<count).map { $0 % classes.count },
      pixels: pixels,
      name: "made")
  }

  static func table(_ pictures: LabelledPictures) -> String {
    (0..<pictures.count).map { i in
      (pictures[i].map(String.init) + ["\(pictures.choices[i])"]).joined(separator: ",") + "\n"
    }.joined()
  }

  /// A session whose data folder holds made-up digits of 28×28.
  static func withDigits(_ count: Int, _ body: (TimeBench) throws -> Void) throws {
    try withScratch { folder in
      let places = Places(data: folder, state: folder + "/state"), kept = PictureSet.digits.kept(places)
      let made = try pictures(count, size: 28)
      try DiskFiles().makeFolders(kept.path)
      try kept.write([
        "train-images": IDX(shape: [count, 28, 28], bytes: made.pixels).file,
        "train-labels": IDX(shape: [count], bytes: made.choices.map { UInt8($0) }).file,
      ])
      try body(TextBench.bench(places: places))
    }
  }

  private func bench(_ count: Int = 60, size: Int = 4) throws -> TimeBench {
    let made = try Self.pictures(count, size: size, classes: ["a", "b"])
    let bench = try TextBench.bench(["p.csv": Self.table(made), "bad.csv": "1,2,3\n"])
    try bench.run("let v = vit size=4 patch=2 dim=16 heads=2 layers=1 classes=2")
    return bench
  }

  /// Whether a picture was drawn: in shades, of which a dim picture has no full one.
  private static func isDrawn(_ text: String) -> Bool { text.contains { "░▒▓█▀▄".contains($0) } }

  @Test func aModelThatSeesLearnsThem() throws {
    let bench = try bench()
    let shown = try bench.run("data pixels p.csv rows=8 split=60,20,20")
    #expect(shown.contains("in all") && Self.isDrawn(shown))
    let source = try #require(bench.session.current().source as? PictureBatches)
    #expect([source.training, source.validation, source.heldOut].map(\.choices.count) == [36, 12, 12])
    #expect(try source.evaluation(.validation).reduce(0) { $0 + $1.rows } == 12)
    #expect(Self.isDrawn(try bench.run("show batch row=1")))
    #expect(Self.isDrawn(try bench.run("show data")))
    try bench.run("attach full")
    try bench.run("step 60")
    #expect(try bench.run("eval").contains("accuracy 1"))
  }

  /// Pictures take the size and the colours that the model reads, and the output says so.
  @Test func otherSizesAndColoursAreMadeToFit() throws {
    let bench = try bench()
    for (line, sizes) in [
      ("vit size=8 patch=4 channels=3 dim=16 heads=2 layers=1 classes=2", "3×8×8, bicubic; −1 to 1"),
      (
        "vit kind=dinov2 size=8 patch=4 channels=3 dim=16 heads=2 layers=1 classes=2",
        "3×8×8, bicubic; ImageNet's mean and deviation"
      ),
      ("vit kind=dinov2 size=4 patch=2 channels=3 dim=16 heads=2 layers=1 classes=2", "3×4×4; ImageNet's"),
    ] {
      try bench.run("let w = \(line)")
      let shown = try bench.run("data pixels p.csv rows=8 split=60,20,20").split(separator: "\n").joined()
      #expect(shown.replacing("  ", with: " ").contains("4×4, grey → \(sizes)"), "\(shown)")
      #expect(Self.isDrawn(try bench.run("show batch row=1")))
      let source = try #require(bench.session.current().source as? PictureBatches)
      let batch = try #require(source.batch(0).pictures), seen = try #require(source.seen(0)?.pictures)
      #expect(
        batch.channels == 3 && (seen.channels, seen.height) == (1, 4) && source.identity.contains("fit=3×"))
      try bench.run("attach full")
      try bench.run("step 60")
      #expect(try bench.run("eval").contains("accuracy 1"))
    }
  }

  @Test func whatDoesNotFitIsNamed() throws {
    let bench = try bench()
    #expect(try bench.failure("data pixels bad.csv").what.contains("bad.csv: line 1"))
    #expect(try bench.failure("data pixels").cure == "data pixels FILE")
    #expect(try bench.failure("data idx p.csv").what.contains("one of labels"))
    #expect(try bench.failure("data idx p.csv p.csv").what.contains("IDX"))
    #expect(try bench.failure("data digits p.csv").what.contains("no file"))
    #expect(try bench.failure("data digits").cure == "Type: get digits")
    #expect(try bench.failure("data pixels p.csv most=1,2").cure.contains("most=6000"))
    try bench.run("let x = vit size=4 patch=2 dim=16 heads=2 layers=1 classes=1")
    #expect(try bench.failure("data pixels p.csv").cure == "vit classes=2")
    try bench.run("let g = gpt base=reviews")
    #expect(try bench.failure("data pixels p.csv").cure.contains("answer=words"))
    #expect(try bench.failure("data pixels p.csv answer=words").what.contains("28×28"))
    #expect(try bench.failure("task +1,+2,+3,+4,+5 pictures=yes").what.contains("at most 4"))
  }

  @Test func theVisionBaseReadsThem() throws {
    try Self.withDigits(50) { bench in
      let made = try bench.run("let v = vit base=vision")
      #expect(made.contains("vit") && made.contains("Fashion-MNIST"))
      let shown = try bench.run("data digits")
      #expect(shown.contains("seven") && shown.contains("50") == false)
      try bench.run("attach lora r=2")
      try bench.run("step 2")
      #expect(try bench.run("eval").contains("on 10 rows of digits"))
    }
  }

  @Test func aLanguageModelAnswersInWords() throws {
    try Self.withDigits(40) { bench in
      try bench.run("let g = gpt base=reviews")
      let shown = try bench.run("data digits answer=words rows=4")
      #expect(shown.contains("blind so far"))
      let batch = try bench.session.current().batch()
      #expect(batch.features?.count == 4 && batch.features?.tokens == 4 && batch.features?.width == 64)
      try bench.run("attach pill")
      try bench.run("step 2")
      #expect(try bench.run("show gate").contains("attention to the image"))
      #expect(try bench.run("eval").contains("8 held-out texts of digits"))
      #expect(Self.isDrawn(try bench.run("show batch row=2")))
      // What it says of a held-out picture is what it says to the data's question with that picture's tokens.
      let told = try bench.run("gen picture=3 n=4")
      #expect(Self.isDrawn(told) && told.contains("3: ") && told.contains("what is this? Answer:"))
      #expect(told == (try bench.run("gen \"Picture: what is this? Answer:\" picture=3 n=4")))
      let seen = try bench.run("top picture=3 k=3"), other = try bench.run("top picture=4 k=3")
      #expect(seen.suffix(60) != other.suffix(60))
      #expect(try bench.failure("top picture=8").what.contains("0 to 7"))
      let hash = bench.session.hash()
      try bench.run("undo")
      try bench.run("redo")
      #expect(bench.session.hash() == hash)
    }
  }

  @Test func gatesAreSeenOpening() throws {
    let bench = try TextBench.bench()
    try bench.run("let m = gpt base=alphabet")
    #expect(try bench.run("task +1,+2 pictures=yes").contains("blind so far"))
    #expect(try bench.failure("show gate").cure == "attach pill")
    #expect(try bench.failure("gen picture=0").cure.contains("answer=words"))
    #expect(try bench.failure("gen").cure == "gen \"eg\"")
    #expect(try bench.run("attach pill m=4").contains("can never move"))
    #expect(Self.isDrawn(try bench.run("show batch row=0")))
    #expect(try bench.run("max(gate(blocks.0.attn.v))").contains("= 0"))
    try bench.run("step 20")
    #expect(try bench.run("max(abs(gate(blocks.0.attn.v))) > 0.01").contains("yes"))
    #expect(try bench.run("looks(blocks.1.attn) > 0").contains("yes"))
    #expect(try bench.failure("gate(blocks.0.attn.q)").what.contains("no gate"))
    #expect(try bench.failure("looks(blocks.0.mlp.up)").what.contains("not an attention"))
    try bench.run("task +1,+2")
    #expect(try bench.failure("show gate").what.contains("no pictures"))
  }
}
