import Engine
import FileSystem
import Formats
import Methods
import Networks
import Options
import TestSupport
import Testing

/// Weights in four bits as bitsandbytes makes and stores them: Scripts/golden_quant.py.
struct FourBitFilesTests {
  private static let path = Path.join(golden, "quant")

  private static func base(_ name: String, _ files: any Files = .disk) throws -> BaseFolder {
    try BaseFolder(name.hasPrefix("/") ? name : Path.join(path, name), chance: Chance(seed: 1), files: files)
  }

  private static func logits(_ model: Model) throws -> Tensor {
    let ids = try JSON.read(Path.join(path, "ids.json"), files: .disk).asArray?.compactMap {
      $0.asArray?.compactMap(\.asInteger)
    }
    return try model.logits(Input(ids ?? []), Pass())
  }

  /// Our codes of the base are bitsandbytes' codes, every one; scales of scales may be one step off, since its table of
  /// bins rounds now and then to the neighbour.
  @Test(arguments: [("nf4", true), ("fp4", false)]) func codesAreTheSame(kind: String, double: Bool) throws {
    let ours = try Self.base("base").model, theirs = try Self.base(kind).model
    let code = try #require(FourBitCode(rawValue: kind))
    try ours.pack(ours.packable.map { ($0, FourBit.Form(code, double: double)) })
    #expect(ours.packed.count == 4 && theirs.packed.map(\.name) == ours.packed.map(\.name))
    for (a, b) in zip(ours.packed, theirs.packed) {
      let mine = try #require(a.value.packing), its = try #require(b.value.packing)
      #expect(a.value.codeBytes == b.value.codeBytes, "\(a.name)")
      #expect(a.shape == b.shape && mine.form == its.form)
      #expect(mine.scales.plain == its.scales.plain)
      #expect(abs(mine.scales.offset - its.scales.offset) < 1e-6)
      for (x, y) in zip(mine.scales.codes, its.scales.codes) { #expect(abs(Int(x) - Int(y)) <= 1) }
    }
    let expected = try Safetensors(Path.join(Self.path, "logits.safetensors")).tensor(named: kind)
    #expect(try Self.logits(theirs).largestDifference(from: expected) < 2e-5)
    #expect(try Self.logits(ours).largestDifference(from: expected) < 0.01)
    #expect(theirs.trainable.allSatisfy { !$0.isPacked })
  }

  /// What is written is what was read: codes, scales, shapes, and the key that transformers looks for.
  @Test(arguments: ["nf4", "fp4"]) func foldersGoBothWays(kind: String) throws {
    let files = MemoryFiles(), model = try Self.base(kind).model
    let written = try BaseFolder.write(model, to: "/out", files: files)
    #expect(written.notes.contains { $0.contains(kind) })
    let again = try Self.base("/out", files).model
    for (a, b) in zip(model.directory.parameters, again.directory.parameters) {
      #expect(a.value.isIdentical(to: b.value) && a.value.codeBytes == b.value.codeBytes, "\(a.name)")
    }
    let config = try JSON.read("/out/config.json", files: files)["quantization_config"]
    #expect(config?["bnb_4bit_quant_type"]?.asString == kind && config?["load_in_4bit"]?.asBool == true)
    let theirs = try Safetensors(Path.join(Self.path, kind + "/model.safetensors"))
    let ours = try Safetensors("/out/model.safetensors", files: files)
    #expect(Set(ours.names) == Set(theirs.names))
    for name in ours.names where !name.contains("quant_state") && !name.contains("nested_quant_map") {
      let (a, b) = (try ours.entry(name), try theirs.entry(name))
      #expect(a.dtype == b.dtype && a.shape == b.shape, "\(name)")
      let isSame = try ours.withBytes(of: a) { x in try theirs.withBytes(of: b) { x.elementsEqual($0) } }
      #expect(isSame, "\(name)")
    }
  }

  /// bitsandbytes has no int4; other ways of quantising are named.
  @Test func whatCannotBeHeldIsNamed() throws {
    let model = try Self.base("base").model, files = MemoryFiles()
    try model.pack(model.packable.map { ($0, FourBit.Form(.int4)) })
    let failure = #expect(throws: Failure.self) { try BaseFolder.write(model, to: "/out", files: files) }
    #expect(failure?.what.contains("int4") == true)
    let good = try Self.base("nf4").model
    try BaseFolder.write(good, to: "/out", files: files)
    let text = String(decoding: try files.bytes(of: "/out/config.json").array, as: UTF8.self)
    for (old, new, word) in [
      ("\"bitsandbytes\"", "\"gptq\"", "gptq"),
      ("\"load_in_4bit\": true", "\"load_in_4bit\": false", "8 bits"),
    ] {
      try files.write("/out/config.json", bytes: Array(text.replacing(old, with: new).utf8))
      let failure = #expect(throws: Failure.self) { try Self.base("/out", files) }
      #expect(failure?.what.contains(word) == true)
    }
  }

  /// Parts that are missing, too short, or not what they say.
  @Test func damagedPartsAreRefused() throws {
    let files = MemoryFiles(), model = try Self.base("nf4").model
    try BaseFolder.write(model, to: "/out", files: files)
    let good = try Safetensors("/out/model.safetensors", files: files)
    let name = "transformer.h.0.attn.c_attn.weight"
    func write(_ change: (Safetensors.Part) -> Safetensors.Part?) throws {
      let parts = try good.entries.map { entry in
        Safetensors.Part(
          entry.name, entry.dtype, entry.shape, bytes: try good.withBytes(of: entry) { Array($0) })
      }
      try Safetensors.write(parts.compactMap(change), to: "/out/model.safetensors", files: files)
    }
    func state(_ old: String, _ new: String) throws {
      try write { part in
        guard part.name == name + ".quant_state.bitsandbytes__nf4" else { return part }
        var text = ""
        try? part.fill { text += String(decoding: $0, as: UTF8.self) }
        let changed = Array(text.replacing(old, with: new).utf8)
        return Safetensors.Part(part.name, .u8, [changed.count], bytes: changed)
      }
    }
    func refused() { #expect(throws: Failure.self) { try Self.base("/out", files) } }
    for ending in [".absmax", ".quant_map", ".nested_absmax", ".nested_quant_map"] {
      try write { $0.name == name + ending ? nil : $0 }
      refused()
      try write { $0.name == name + ending ? .init($0.name, .u8, [3], bytes: [1, 2, 3]) : $0 }
      refused()
    }
    try write { $0.name == name ? .init($0.name, .u8, [3, 1], bytes: [1, 2, 3]) : $0 }
    refused()
    for (old, new) in [
      ("192", "191"), ("192", "-192"), ("64]", "9223372036854775807]"),
      ("\"blocksize\":64", "\"blocksize\":63"),
      ("nf4", "nf9"), ("{", "["), ("256", "128"),
    ] {
      try state(old, new)
      refused()
    }
    try write { $0 }
    #expect(try Self.base("/out", files).model.packed.count == 4)
  }
}
