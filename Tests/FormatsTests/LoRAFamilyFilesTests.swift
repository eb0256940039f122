import Engine
import FileSystem
import Methods
import Networks
import Options
import TestSupport
import Testing

import class Networks.Attachment  // Testing has one too

@testable import Formats

/// Methods of LoRA's family, and beside it, written as peft has them and read back.
@Suite struct LoRAFamilyFilesTests {
  private typealias Values = [(name: String, value: OptionValue)]

  private func attached(_ name: String, _ values: Values = [], on: [String] = [], to model: Model) throws
    -> Attachment
  {
    func make<M: TuningMethod>(_: M.Type) throws -> Attachment {
      var method = M()
      try M.options.write(values, into: &method, of: name)
      return try attach(method, to: model, on: on)
    }
    return try make(Methods.named(name))
  }

  private func config(_ files: MemoryFiles) throws -> JSON {
    try JSON.read("/a/adapter_config.json", files: files)
  }

  /// Written and read onto another copy of the base: the method, the config, the difference of logits.
  private func roundTrip(_ name: String, _ values: Values = [], on: [String] = []) throws
    -> (Attachment, JSON, AdapterReport, Float)
  {
    let model = try tinyModel(), files = MemoryFiles.memory
    let attachment = try attached(name, values, on: on, to: model)
    try AdapterFiles.write(attachment, of: model, to: "/a", files: files)
    let other = try tinyModel(), loaded = try AdapterFiles.read("/a", onto: other, files: files)
    #expect(try logits(model).largestDifference(from: logits(tinyModel())) > 0.1)
    #expect(loaded.report.unexpected.isEmpty)
    return (
      loaded.attachment, try config(files), loaded.report,
      try logits(other).largestDifference(from: logits(model))
    )
  }

  @Test func ranksAndStrengthsByModule() throws {
    let ranks: OptionValue = .list([.text("mlp.up:2"), .text("blocks.1.attn.qkv:5")])
    let (read, config, _, difference) = try roundTrip(
      "lora", [("r", .integer(3)), ("ranks", ranks), ("alphas", .text("attn.qkv:6"))],
      on: ["attn.qkv", "mlp.up"])
    #expect(difference == 0 && read.method is LoRA)
    let wanted: JSON = [
      "transformer.h.0.mlp.c_fc": 2, "transformer.h.1.attn.c_attn": 5, "transformer.h.1.mlp.c_fc": 2,
    ]
    #expect(config["rank_pattern"] == wanted)
    #expect(config["alpha_pattern"] == ["transformer.h.0.attn.c_attn": 6, "transformer.h.1.attn.c_attn": 6])
  }

  @Test func biasesStandBesideAAndB() throws {
    for (bias, count) in [("all", 17), ("lora_only", 6)] {
      let (_, config, report, difference) = try roundTrip("lora", [("bias", .text(bias))])
      #expect(config["bias"] == .string(bias))
      #expect(report.matched.count == count && difference == 0)
      #expect(
        report.matched.contains { $0.key == "base_model.model.transformer.h.0.attn.c_attn.base_layer.bias" })
    }
  }

  /// Older versions of peft trained the targets' biases and left them out of the file.
  @Test func biasesMayBeMissing() throws {
    let model = try tinyModel(), files = MemoryFiles.memory
    try AdapterFiles.write(
      attached("lora", [("bias", .text("none"))], to: model), of: model, to: "/a", files: files)
    try changed(files, "/a", "adapter_config.json") { $0["bias"] = "lora_only" }
    let report = try AdapterFiles.read("/a", onto: tinyModel(), files: files).report
    #expect(report.notes == ["The file lacks 2 of 2 biases: the base's own stay."])
  }

  @Test func tables() throws {
    let (_, config, report, difference) = try roundTrip(
      "lora", [("r", .integer(2))], on: ["embed", "attn.o"])
    #expect(config["target_modules"] == ["attn.c_proj", "wte"] && difference == 0)
    #expect(
      report.matched.contains {
        $0.description == "base_model.model.transformer.wte.lora_embedding_A [2, 40]"
      })
  }

  @Test func doraOnWholesAndParts() throws {
    let (whole, config, _, difference) = try roundTrip("dora", [("r", .integer(3))])
    #expect(whole.method is DoRA && config["use_dora"] == true && difference == 0)
    let (parts, joined, _, rest) = try roundTrip(
      "dora", [("r", .integer(2)), ("alpha", .integer(3)), ("ranks", .text("attn.v:3"))],
      on: ["attn.q", "attn.v"])
    #expect(parts.method is DoRA && joined["r"] == 5 && rest < 1e-5)
  }

  @Test func pissaFindsItsResidualAgain() throws {
    let (read, config, _, difference) = try roundTrip("pissa", [("r", .integer(3)), ("alpha", .integer(6))])
    #expect(read.method is PiSSA && config["init_lora_weights"] == "pissa" && difference < 1e-5)
    let model = try tinyModel()
    expectFailure("has no parts of a fused projection") {
      try AdapterFiles.write(
        attached("pissa", on: ["attn.q"], to: model), of: model, to: "/a", files: MemoryFiles.memory)
    }
  }

  @Test func ia3OnWholesAndParts() throws {
    let (read, config, _, difference) = try roundTrip("ia3", [("like", .text("peft"))])
    #expect(read.method is IA3 && difference == 0)
    #expect(config["feedforward_modules"] == ["mlp.c_proj"])
    #expect(config["target_modules"] == ["c_attn", "mlp.c_proj"])
    let (_, joined, report, rest) = try roundTrip("ia3")
    #expect(joined["target_modules"] == ["c_attn", "mlp.c_proj"] && rest == 0 && report.matched.count == 4)
    let model = try tinyModel()
    expectFailure("cannot hold blocks.0.attn.q in feedforward_modules") {
      try AdapterFiles.write(
        attached("ia3", [("inputs", .text("attn.q"))], on: ["attn.q"], to: model), of: model, to: "/a",
        files: MemoryFiles.memory)
    }
  }

  @Test func normsAndBiases() throws {
    let (read, config, report, difference) = try roundTrip("norms")
    #expect(read.method is NormTuning && config["peft_type"] == "LN_TUNING" && difference == 0)
    #expect(config["target_modules"] == ["ln_1", "ln_2", "ln_f"] && report.matched.count == 10)
    let (lora, carrier, _, rest) = try roundTrip("bitfit")
    #expect(carrier["bias"] == "all" && carrier["r"] == 1 && rest == 0)
    #expect((lora.method as? LoRA)?.bias == .all)
  }

  /// Where a config names no modules, peft's table counts.
  @Test(arguments: ["lora", "dora", "pissa", "ia3", "norms"])
  func targetsOfTheTable(_ name: String) throws {
    let model = try tinyModel(), files = MemoryFiles.memory
    let values: Values = name == "ia3" ? [("like", .text("peft"))] : []
    try AdapterFiles.write(attached(name, values, to: model), of: model, to: "/a", files: files)
    for value in [JSON.null, nil] {
      try changed(files, "/a", "adapter_config.json") {
        $0["target_modules"] = value
        $0["feedforward_modules"] = value
      }
      let other = try tinyModel()
      _ = try AdapterFiles.read("/a", onto: other, files: files)
      #expect(try logits(other).largestDifference(from: logits(model)) < 1e-5)
    }
  }

  @Test func liveNames() throws {
    func names(_ name: String, _ values: Values = []) throws -> Set<String> {
      let model = try tinyModel(layers: 1)
      let attachment = try attached(name, values, to: model)
      return Set(
        try AdapterFiles.live(attachment).map { $0.key.replacing("base_model.model.transformer.", with: "") })
    }
    #expect(
      try names("dora") == [
        "h.0.attn.c_attn.lora_A.default.weight", "h.0.attn.c_attn.lora_B.default.weight",
        "h.0.attn.c_attn.lora_magnitude_vector.default.weight",
      ])
    #expect(
      try names("lora", [("bias", .text("lora_only"))]) == [
        "h.0.attn.c_attn.lora_A.default.weight", "h.0.attn.c_attn.lora_B.default.weight",
        "h.0.attn.c_attn.base_layer.bias",
      ])
    #expect(
      try names("ia3", [("like", .text("peft"))]) == [
        "h.0.attn.c_attn.ia3_l.default", "h.0.mlp.c_proj.ia3_l.default",
      ])
    #expect(try names("norms").contains("ln_f.ln_tuning_layers.default.weight"))
  }
}
