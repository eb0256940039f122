import Engine
import FileSystem
import Options
import TestSupport
import Testing

@testable import Formats

/// `graft parity`: the project's own set, which Scripts/golden_parity.py wrote, and sets that are wrong.
@Suite struct ParityTests {
  private static let folder = Path.join(
    Path.parent(of: Path.parent(of: Path.parent(of: #filePath))), "Tests/Golden/parity")

  /// The set in memory, of which one file may be changed.
  private func copy(cases: [String], _ change: (MemoryFiles) throws -> Void = { _ in }) throws -> MemoryFiles
  {
    var contents: [String: [UInt8]] = [:]
    let disk = DiskFiles()
    let paths =
      ["index.json"]
      + ["config.json", "model.safetensors", "expected.safetensors"].map { "gpt2/base/" + $0 }
      + cases.flatMap { name in
        [
          "adapter_config.json", "adapter_model.safetensors", "trainable_init.safetensors",
          "expected.safetensors",
        ].map { "gpt2/\(name)/" + $0 }
      }
    for path in paths { contents["/p/" + path] = try disk.bytes(of: Path.join(Self.folder, path)).array }
    let files = try memory(contents)
    try change(files)
    return files
  }

  @Test func ownSetAgreesWithPeft() throws {
    let report = try Parity.check(Self.folder)
    #expect(report.cases.map(\.name) == ParityFolder.known)
    let wrong = report.cases.filter { $0.verdict == .failed }.map { "\($0.name): \($0.reason)" }
    #expect(wrong.isEmpty, "\(wrong)")
    #expect(report.passed == ParityFolder.known.count)
    for one in report.cases where one.verdict == .passed {
      let kinds = Set(one.checks.map(\.kind))
      #expect(kinds.isSuperset(of: [.logits, .loss, .gradient, .trace, .saved]), "\(one.name): \(kinds)")
      #expect(
        one.checks.filter { $0.kind == .gradient }.allSatisfy {
          $0.cosine > 0.999 || $0.norms.reference < 1e-6
        })
    }
  }

  /// BLOOM, Llama with shared keys and a head of its own, and BERT, padded on the left; what transformers cannot run of
  /// BERT is told with its reason.
  @Test func decodersAndEncodersAgreeToo() throws {
    let report = try Parity.check(Self.folder + "-decoders")
    let wrong = report.cases.filter { $0.verdict == .failed }.map {
      "\($0.architecture) \($0.name): \($0.reason)"
    }
    #expect(wrong.isEmpty, "\(wrong)")
    for name in ["bloom", "llama"] {
      let passed = report.cases.filter { $0.architecture == name && $0.verdict == .passed }
      #expect(passed.map(\.name) == ParityFolder.known, "\(name)")
    }
    let skipped = report.cases.filter { $0.verdict == .skipped }
    #expect(skipped.map(\.name) == ["prefix_flat", "prefix_mlp"])
    #expect(skipped.allSatisfy { $0.architecture == "bert" && $0.reason.contains("does not support past") })
    #expect(report.passed == 34)
  }

  /// T5's and mT5's: an even number of blocks in the one, of which `peft`'s prefix leaves half unread, an odd one in
  /// the other.
  @Test(arguments: ["parity-t5", "parity-mt5"]) func encoderDecodersAgreeWithPeft(_ name: String) throws {
    let report = try Parity.check(Path.join(Path.parent(of: Self.folder), name))
    let wrong = report.cases.filter { $0.verdict != .passed }.map { "\($0.name): \($0.reason)" }
    #expect(wrong.isEmpty && report.passed == (name == "parity-t5" ? 12 : 7), "\(wrong)")
  }

  /// A number that is off by a little more than is allowed fails; what is compared can fail.
  @Test(arguments: [
    "logits", "loss", "logits_merged", "loss_trace",
    "grad.base_model.model.transformer.h.1.attn.c_attn.lora_A.default.weight",
  ])
  func aWrongNumberFails(_ name: String) throws {
    let path = "/p/gpt2/lora/expected.safetensors"
    let files = try copy(cases: ["lora"]) { files in
      let file = try Safetensors(path, files: files)
      let parts = try file.entries.map { entry -> Safetensors.Part in
        var values = try file.tensor(entry).scalars
        if entry.name == name { values[values.count / 2] += 2e-3 * max(1, abs(values.max() ?? 1)) }
        return Safetensors.Part(entry.name, entry.shape, floats: values)
      }
      try Safetensors.write(parts, to: path, files: files)
    }
    let report = try Parity.check("/p", files: files)
    #expect(report.failed == 1 && report.passed == 0)
    #expect(report.cases[0].reason.contains("differs by"), "\(report.cases[0].reason)")
  }

  @Test func whatIsNotThereIsToldAndNothingTraps() throws {
    let files = try copy(cases: ["lora", "rslora"]) { files in
      try files.remove("/p/gpt2/lora/trainable_init.safetensors")
      try files.makeFolders("/p/bloom9/base")
      try files.write("/p/bloom9/base/config.json", text: #"{"model_type": "bloom9"}"#)
      try files.makeFolders("/p/bloom9/lora")
      try files.makeFolders("/p/empty/lora")
      try files.makeFolders("/p/gpt2/strange")
      try files.write("/p/gpt2/strange/adapter_config.json", text: #"{"peft_type": "NEW"}"#)
      try files.write(
        "/p/gpt2/strange/adapter_model.safetensors",
        { sink in try safetensors("{}").withUnsafeBytes(sink) })
    }
    var heard: [String] = []
    let report = try Parity.check("/p", files: files) { heard.append($0.name) }
    func verdict(_ architecture: String, _ name: String) -> (ParityCase.Verdict, String)? {
      report.cases.first { $0.architecture == architecture && $0.name == name }.map {
        ($0.verdict, $0.reason)
      }
    }
    #expect(verdict("gpt2", "rslora")?.0 == .passed)
    #expect(
      verdict("gpt2", "lora")?.0 == .failed && verdict("gpt2", "lora")?.1.contains("trainable_init") == true)
    #expect(
      verdict("bloom9", "lora")?.0 == .skipped && verdict("bloom9", "lora")?.1.contains("bloom9") == true)
    #expect(verdict("empty", "lora")?.0 == .failed)
    #expect(verdict("gpt2", "strange")?.0 == .skipped)
    #expect(heard.count == report.cases.count && report.cases.count == 5)
    #expect((report.passed, report.failed, report.skipped) == (1, 2, 2))
    #expect(report.json["failed"] == 2 && report.json["cases"]?.asArray?.count == 5)
    expectFailure("no index.json") { _ = try Parity.check("/p/gpt2", files: files) }
    expectFailure("no folder") { _ = try Parity.check("/nowhere", files: files) }
  }

  @Test(arguments: [
    "{}", #"{"inputs": {"input_ids": [[1, 2]], "attention_mask": [[1]], "labels_causal": [[1, 2]]}}"#,
    #"{"inputs": {"input_ids": [[1], 2], "attention_mask": [[1]], "labels_causal": [[1]]}}"#,
    #"{"inputs": {"input_ids": [[-1]], "attention_mask": [[1]], "labels_causal": [[1]]}}"#,
    #"{"inputs": {"input_ids": [[1]], "attention_mask": [[2]], "labels_causal": [[1]]}}"#,
  ])
  func anIndexThatIsNoneIsRefused(_ text: String) throws {
    let files = try copy(cases: []) { try $0.write("/p/index.json", text: text) }
    expectFailure("index.json") { _ = try Parity.check("/p", files: files) }
  }

  /// Ids beyond the vocabulary, and damaged files of every kind, end in a verdict.
  @Test func damageEndsInAVerdict() throws {
    var damage = Damage(seed: 3)
    let whole = try copy(cases: ["lora"])
    let paths = [
      "index.json", "gpt2/base/config.json", "gpt2/lora/adapter_config.json",
      "gpt2/lora/adapter_model.safetensors",
      "gpt2/lora/expected.safetensors", "gpt2/lora/trainable_init.safetensors",
    ].map { "/p/" + $0 }
    for round in 0..<60 {
      let path = paths[round % paths.count], bytes = try whole.bytes(of: path).array
      // Where the header is, damage is found; beyond it numbers only change.
      let head = path.hasSuffix("safetensors") ? min(bytes.count, 700) : bytes.count
      let changed = damage.mutate(Array(bytes[..<head])) + bytes[head...]
      let files = try copy(cases: ["lora"]) { files in
        try files.write(path) { sink in try changed.withUnsafeBytes(sink) }
      }
      do {
        let report = try Parity.check("/p", files: files)
        #expect(report.cases.count >= 1)
        _ = try report.json.text()
      } catch is Failure {}
    }
  }
}
