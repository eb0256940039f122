import Engine
import Methods
import Networks
import Options
import Testing
import Training

/// What a method packs stays as it was packed, and comes back bit for bit.
struct PackingLaws {
  /// Methods with a codec.
  static var names: [String] {
    Methods.names.filter { name in
      guard let model = try? TinyGPT.random() else { return false }
      return (try? model.attach(name)) != nil && !model.packed.isEmpty
    }
  }

  @Test func someMethodPacks() { #expect(Self.names.contains("qlora")) }

  @Test(arguments: names) func codesNeverChange(name: String) throws {
    let model = try TinyGPT.random()
    let base = try model.tinyLogits(isBase: true).hash()
    let it = try model.attach(name)
    let before = model.packed.map { ($0, $0.value.codeBytes, $0.value.packing?.scales) }
    #expect(before.count == model.packable.count)
    try it.stir()
    try model.trained(4)
    for (parameter, codes, scales) in before {
      #expect(parameter.value.codeBytes == codes && parameter.value.packing?.scales == scales)
      #expect(!parameter.isTrainable)
    }
    #expect(try model.tinyLogits(isBase: true).hash() == base)
  }

  /// Numbers that can be read again are not kept beside the codes; a file that has changed is noticed.
  @Test(arguments: names) func originalsInAFileAreReadAgain(name: String) throws {
    let model = try TinyGPT.random()
    let start = model.fingerprint, base = try model.tinyLogits().hash()
    for parameter in model.directory.parameters {
      let numbers = parameter.value.scalars, shape = parameter.shape
      parameter.source = Source("a file") { try Tensor(shape, numbers) }
    }
    let it = try model.attach(name)
    #expect(model.packed.allSatisfy { $0.packing?.kept == nil })
    #expect(try model.tinyLogits(isBase: true).hash() == base)
    try it.detach(from: model)
    #expect(model.fingerprint == start)
    let other = try model.attach(name)
    let first = try #require(model.packed.first)
    first.source = nil
    let packed = model.fingerprint
    try other.detach(from: model)
    for parameter in model.directory.parameters { parameter.source = Source("a file") { Tensor(1) } }
    let third = try model.attach(name)  // another file by now: numbers are kept
    #expect(model.packed.allSatisfy { $0.packing?.kept != nil })
    #expect(model.fingerprint == packed)
    try third.detach(from: model)
    #expect(model.fingerprint == start)
  }

  @Test(arguments: names) func aChangedFileIsNoticed(name: String) throws {
    let model = try TinyGPT.random()
    let weight = try #require(model.packable.first)
    let file = File(weight.value.scalars, weight.shape)
    weight.source = Source("file x") { try file.read() }
    let it = try model.attach(name)
    let first = file.numbers[0]
    file.numbers[0] += 1
    let before = model.fingerprint
    let failure = #expect(throws: Failure.self) { try it.detach(from: model) }
    #expect(failure?.what.contains("file x") == true)
    #expect(throws: Failure.self) { try model.tinyLogits(isBase: true) }
    #expect(model.fingerprint == before)
    file.numbers[0] = first
    try it.detach(from: model)
    #expect(model.packed.isEmpty)
  }

  /// What was let go stays packed, and says so.
  @Test(arguments: names) func whatWasLetGoStaysPacked(name: String) throws {
    let model = try TinyGPT.random()
    func attach<M: TuningMethod>(_: M.Type) throws -> Networks.Attachment {
      try Networks.Attachment(M(), to: model, name: "it", originals: .letGo)
    }
    let it = try attach(Methods.named(name)), packed = model.packed.map { ($0, $0.value.codeBytes) }
    #expect(throws: Failure.self) { try model.tinyLogits(isBase: true) }
    try it.detach(from: model)
    #expect(!packed.isEmpty && packed.allSatisfy { $0.value.codeBytes == $1 })
    #expect(model.trainable.allSatisfy { !$0.isPacked })
    try model.attach("lora")
    try model.trained(1)
  }

  @Test(arguments: names) func threeWaysToMerge(name: String) throws {
    let model = try TinyGPT.random()
    let source = try model.tinyLogits()
    let it = try model.attach(name)
    let rounding = try model.tinyLogits().largestDifference(from: source)
    try it.stir(0.02)
    let before = model.fingerprint, logits = try model.tinyLogits()
    var errors: [Networks.Attachment.Merging: Float] = [:]
    for way in Networks.Attachment.Merging.allCases {
      try it.fold(model, how: way)
      errors[way] = try model.tinyLogits().largestDifference(from: logits)
      let stillPacked = model.packed.filter { $0.value.packing != nil }
      #expect(stillPacked.isEmpty == (way != .requantize))
      try it.unfold(model)
      #expect(model.fingerprint == before)
    }
    #expect(try #require(errors[.dequantized]) < 1e-5 * logits.most)
    #expect(try #require(errors[.requantize]) > 0.01 * rounding)
    #expect(try #require(errors[.source]) > 0.1 * rounding)
  }

  @Test func whatCannotBePackedIsRefused() throws {
    let model = try TinyGPT.random()
    let weight = try #require(model.packable.first)
    func refusal(_ form: FourBit.Form = .init()) throws -> Failure {
      let before = model.fingerprint
      let failure = try #require(throws: Failure.self) {
        try model.pack(model.packable.map { ($0, form) })
      }
      #expect(model.fingerprint == before)
      return failure
    }
    #expect(try refusal(.init(.nf4, block: 48)).cure.contains("64"))
    #expect(try refusal(.init(.nf4, block: 4096)).what.contains("block=4096"))
    let good = weight.value
    var numbers = good.scalars
    numbers[7] = .nan
    weight.value = try Tensor(good.shape, numbers)
    #expect(try refusal().what.contains("NaN"))
    weight.value = good
    weight.pin = true
    #expect(try refusal().what.contains("thawed"))
    weight.pin = nil
    let full = try model.attach("full")
    #expect(try refusal().what.contains("full"))
    try full.detach(from: model)
    let lora = try model.attach("lora")
    try lora.stir()
    try lora.fold(model)
    #expect(try refusal().cure.contains("unmerge"))
    try lora.detach(from: model)
    try model.pack(model.packable.map { ($0, FourBit.Form()) })
    #expect(try refusal().what.contains("already"))
    #expect(throws: Failure.self) { try model.attach("full") }
    #expect(throws: Failure.self) { try model.attach("qlora") }
  }

  /// A base that was packed by itself takes other methods, which read it unpacked.
  @Test(arguments: Methods.names) func othersStandOnAPackedBase(name: String) throws {
    let model = try TinyGPT.random()
    try model.pack(model.packable.map { ($0, FourBit.Form()) })
    let start = model.fingerprint, packed = try model.tinyLogits().hash()
    guard let it = try? model.attach(name) else {
      return #expect(model.fingerprint == start)
    }
    try it.stir()
    try model.trained(2)
    #expect(try model.tinyLogits().hash() != packed)
    try it.detach(from: model)
    #expect(model.fingerprint == start)
    #expect(try model.tinyLogits().hash() == packed)
  }

  /// A file that can change.
  private final class File: @unchecked Sendable {
    var numbers: [Float]
    let shape: [Int]
    init(_ numbers: [Float], _ shape: [Int]) { (self.numbers, self.shape) = (numbers, shape) }
    func read() throws -> Tensor { try Tensor(shape, numbers) }
  }
}
