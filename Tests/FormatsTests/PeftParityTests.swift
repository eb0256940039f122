import Data
import Engine
import FileSystem
import Methods
import Networks
import Options
import Testing

@testable import Formats

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Both directions of exchange with Python's libraries.
@Suite struct PeftParityTests {
  /// What Python wrote (Scripts/peft_parity.py) gives Python's logits.
  @Test(
    arguments: [
      "base", "lora", "prompt", "lora-patterns", "lora-bias-all", "lora-bias-only", "lora-tables", "rslora",
      "dora",
      "pissa", "ia3", "norms",
    ])
  func readsWhatPythonWrote(_ name: String) throws {
    let folder = Path.join(golden, "parity")
    let base = try BaseFolder(Path.join(folder, "base"), chance: Engine.Chance(seed: 0))
    #expect(base.report.tensors == 28 && base.report.unknown.isEmpty)
    if name != "base" {
      let loaded = try AdapterFiles.read(Path.join(folder, name), onto: base.model)
      #expect(loaded.report.unexpected.isEmpty && loaded.report.notes.isEmpty && loaded.report.warning == nil)
      #expect(loaded.report.difference > 0.1)
    }
    let expected = try Safetensors(Path.join(folder, "logits.safetensors"))
    let ids = try JSON.read(Path.join(folder, "ids.json"), files: .disk).asArray?.compactMap { row in
      row.asArray?.compactMap(\.asInteger)
    }
    let difference = try logits(base.model, #require(ids)).largestDifference(
      from: expected.tensor(named: name))
    #expect(difference < 1e-4)
  }

  /// Methods that put something before the text, with and without their encoders; the name begins with the method's.
  private var promptFamily: [(String, [(name: String, value: OptionValue)])] {
    [
      ("prefix-mlp", [("n", .integer(3)), ("hidden", .integer(7))]),
      ("prefix-flat", [("n", .integer(2)), ("encoder", .text("none"))]),
      ("ptuning-lstm", [("n", .integer(3)), ("depth", .integer(1))]),
      ("ptuning-mlp", [("n", .integer(4)), ("encoder", .text("mlp")), ("hidden", .integer(5))]),
      ("ptuning2", [("n", .integer(3))]),
    ]
  }

  /// Writes what Scripts/peft_parity.py opens in Python; does nothing unless that script asks for it.
  @Test func writesForPython() throws {
    guard let variable = getenv("GRAFT_PARITY_DIR") else { return }
    let folder = String(cString: variable), tokenizer = try tinyTokenizer()
    func path(_ name: String) -> String { Path.join(folder, name) }
    let words = tokenizer.encode("the cat sat on the mat, that was that")
    let ids = probeIds.map { $0.map { $0 + 256 - 30 } } + [Array(words.prefix(7))]
    var logits: [Safetensors.Part] = []

    func check(_ name: String, _ attach: (Model) throws -> Void) throws {
      let model = try tinyModel(vocabulary: 300)
      try attach(model)
      logits.append(.init(name, try model.logits(Input(ids), Pass())))
      guard let attachment = model.attachments.first else { return }
      try AdapterFiles.write(attachment, of: model, to: path(name))
    }
    let base = try tinyModel(vocabulary: 300)
    try BaseFolder.write(base, tokenizer: tokenizer, to: path("base"))
    try check("base") { _ in }
    try BaseFolder.write(base, tokenizer: tokenizer, to: path("base-bf16"), as: .bf16)
    let rounded = try BaseFolder(path("base-bf16"), chance: base.chance).model
    logits.append(.init("base-bf16", try rounded.logits(Input(ids), Pass())))
    try check("lora") { try attach(lora(r: 4, alpha: 8), to: $0) }
    try check("lora-parts") { try attach(lora(r: 2, alpha: 3), to: $0, on: ["attn.q", "attn.v"]) }
    try check("lora-parts-rslora") {
      try attach(lora(r: 2, alpha: 3, rslora: true), to: $0, on: ["attn.q", "attn.k", "attn.o"], layers: [0])
    }
    try check("lora-rslora-layer") { try attach(lora(r: 4, alpha: 2, rslora: true), to: $0, layers: [1]) }
    try check("lora-everywhere") { try attach(lora(r: 2, alpha: 1), to: $0, on: ["attn.*", "mlp.*"]) }
    try check("lora-scattered") {
      try attach(lora(r: 2, alpha: 1), to: $0, on: ["blocks.0.attn.o", "blocks.1.mlp.up"])
    }
    try check("lora-head") { try attach(lora(r: 2, alpha: 1), to: $0, on: ["head"]) }
    func check(_ name: String, _ method: String, _ values: [(String, OptionValue)] = [], on: [String] = [])
      throws
    {
      func make<M: TuningMethod>(_: M.Type) throws -> M {
        var made = M()
        try M.options.write(values.map { (name: $0, value: $1) }, into: &made, of: method)
        return made
      }
      func open<M: TuningMethod>(_ type: M.Type) throws {
        try check(name) { try attach(make(type), to: $0, on: on) }
      }
      try open(Methods.named(method))
    }
    let r = ("r", OptionValue.integer(3))
    try check(
      "lora-patterns", "lora", [r, ("ranks", .text("mlp.up:2")), ("alphas", .text("attn.qkv:5"))],
      on: ["attn.qkv", "mlp.up"])
    try check("lora-bias-all", "lora", [r, ("bias", .text("all"))])
    try check("lora-bias-only", "lora", [r, ("bias", .text("lora_only"))])
    try check("lora-tables", "lora", [r], on: ["embed", "positions", "mlp.down"])
    try check("dora", "dora", [r])
    try check("dora-parts", "dora", [r, ("ranks", .text("attn.v:2"))], on: ["attn.q", "attn.v", "mlp.up"])
    try check("pissa", "pissa", [r, ("alpha", .integer(6))])
    try check("ia3", "ia3", [("like", .text("peft"))])
    try check("ia3-parts", "ia3")
    try check("norms", "norms")
    try check("norms-some", "norms", on: ["norm2"])
    try check("bitfit", "bitfit")
    let principal = try tinyModel(vocabulary: 300)
    let pissa = try attach(PiSSA(), to: principal, on: ["attn.q", "mlp.down"])
    logits.append(.init("pissa-as-lora", try principal.logits(Input(ids), Pass())))
    try AdapterFiles.write(
      LoRA.equal(to: pissa, on: principal, name: "lora"), of: principal, to: path("pissa-as-lora"))
    try check("prompt") { try attach(prompt(3), to: $0) }
    for (name, options) in promptFamily {
      try check(name) { model in
        func make<M: TuningMethod>(_ type: M.Type) throws {
          var method = M()
          try M.options.write(options, into: &method, of: M.card.name)
          try attach(method, to: model)
        }
        try make(Methods.named(String(name.prefix { $0 != "-" })))
      }
    }
    let merged = try tinyModel(vocabulary: 300)
    try attach(lora(r: 4, alpha: 8), to: merged)
    logits.append(.init("merged", try merged.logits(Input(ids), Pass())))
    try BaseFolder.write(merged, tokenizer: tokenizer, to: path("merged"), merged: true)

    try Safetensors.write(logits, to: path("logits.safetensors"))
    let rows = JSON.array(ids.map { .array($0.map { .integer($0) }) })
    let text = "the cat sat on the mat, that was that"
    let record: JSON = [
      "ids": rows, "text": .string(text), "text_ids": .array(tokenizer.encode(text).map { .integer($0) }),
    ]
    try DiskFiles().write(path("record.json"), text: record.text())
  }
}
