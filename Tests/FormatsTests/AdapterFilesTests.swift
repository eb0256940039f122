import Engine
import FileSystem
import Methods
import Networks
import Options
import TestSupport
import Testing

import class Networks.Attachment  // Testing has one too

@testable import Formats

@Suite struct AdapterFilesTests {
  /// Writes an attachment of one model and reads it onto another with the same base.
  @discardableResult
  func roundTrip(_ model: Model, _ attachment: Attachment, _ files: MemoryFiles = .memory) throws
    -> (AdapterFiles.Written, AdapterFiles.Loaded, Model)
  {
    let written = try AdapterFiles.write(attachment, of: model, to: "/a", files: files)
    let other = try tinyModel(), loaded = try AdapterFiles.read("/a", onto: other, files: files)
    return (written, loaded, other)
  }

  func config(_ files: MemoryFiles) throws -> JSON { try JSON.read("/a/adapter_config.json", files: files) }

  @Test func loraOnTheWholeProjection() throws {
    let model = try tinyModel(), files = MemoryFiles.memory
    let attachment = try attach(lora(r: 3, alpha: 6), to: model)
    let (written, loaded, other) = try roundTrip(model, attachment, files)
    #expect(
      try files.text(of: "/a/adapter_config.json") == """
        {
          "base_model_name_or_path": null,
          "fan_in_fan_out": true,
          "inference_mode": true,
          "lora_alpha": 6,
          "lora_dropout": 0,
          "peft_type": "LORA",
          "r": 3,
          "target_modules": [
            "c_attn"
          ],
          "task_type": "CAUSAL_LM"
        }
        """)
    #expect(written.tensors.count == 4 && written.notes.isEmpty)
    #expect(
      written.tensors.first?.description
        == "base_model.model.transformer.h.0.attn.c_attn.lora_A.weight [3, 16]")
    for (a, b) in zip(attachment.parameters, loaded.attachment.parameters) {
      #expect(a.name == b.name && a.value.hash() == b.value.hash())
    }
    #expect(try logits(other).largestDifference(from: logits(model)) == 0)
    #expect(loaded.report.matched.count == 4 && loaded.report.count == 2 * 3 * 64)
    #expect(loaded.report.difference > 0.01 && loaded.report.warning == nil && loaded.report.notes.isEmpty)
  }

  @Test(arguments: [false, true])
  func partsBecomeOneExactly(_ rslora: Bool) throws {
    let model = try tinyModel(), files = MemoryFiles.memory
    let attachment = try attach(
      lora(r: 2, alpha: 3, rslora: rslora), to: model, on: ["attn.q", "attn.v", "mlp.down"], layers: [1])
    let (written, _, other) = try roundTrip(model, attachment, files)
    let config = try config(files)
    #expect(config["r"] == 4)
    #expect(config["target_modules"] == ["c_attn", "mlp.c_proj"])
    #expect(config["layers_to_transform"] == [1])
    #expect(config["lora_alpha"]?.asNumber == (rslora ? 3 * 2.0.squareRoot() : 6))
    #expect(written.notes.count == 1 && written.notes[0].contains("attn.q, attn.v became one on the whole"))
    #expect(written.notes[0].contains("filled up with zeros"))
    #expect(try logits(other).largestDifference(from: logits(model)) < 1e-5)
    #expect(try logits(other).largestDifference(from: logits(tinyModel())) > 0.1)
  }

  @Test func wholeAndPartAtOnce() throws {
    let model = try tinyModel()
    let attachment = try attach(lora(r: 2, alpha: 2), to: model, on: ["attn.qkv", "attn.k"])
    let (_, _, other) = try roundTrip(model, attachment)
    #expect(try logits(other).largestDifference(from: logits(model)) < 1e-5)
  }

  @Test(
    arguments: [
      (["attn.qkv"], [], ["c_attn"], nil), (["attn.qkv"], [0], ["c_attn"], [0]),
      (["attn.o"], [], ["attn.c_proj"], nil), (["attn.o", "mlp.down"], [], ["c_proj"], nil),
      (["attn.o", "mlp.*"], [1], ["c_fc", "c_proj"], [1]), (["head"], [], ["lm_head"], nil),
      (["attn.q"], [1], ["c_attn"], [1]),
      (
        ["blocks.0.attn.o", "blocks.1.mlp.up"], [],
        ["transformer.h.0.attn.c_proj", "transformer.h.1.mlp.c_fc"], nil
      ),
      (["head", "blocks.0.mlp.up"], [], ["lm_head", "transformer.h.0.mlp.c_fc"], nil),
    ] as [([String], [Int], [String], [Int]?)])
  func targetsAreSaidExactly(_ on: [String], _ layers: [Int], _ names: [String], _ blocks: [Int]?) throws {
    let model = try tinyModel(), files = MemoryFiles.memory
    let attachment = try attach(lora(r: 2, alpha: 2), to: model, on: on, layers: layers)
    let (written, loaded, other) = try roundTrip(model, attachment, files)
    let config = try config(files)
    #expect(
      written.notes.contains { $0.contains("lm_head shares its weight with transformer.wte") }
        == on.contains("head"))
    #expect(config["target_modules"] == .array(names.map { .string($0) }))
    #expect(config["layers_to_transform"] == blocks.map { .array($0.map { .integer($0) }) })
    let covered = Set(attachment.edits.map { ($0.site.whole ?? $0.site).name })
    #expect(Set(loaded.attachment.edits.map(\.site.name)) == covered)
    #expect(try logits(other).largestDifference(from: logits(model)) < 1e-5)
  }

  @Test func prompts() throws {
    let model = try tinyModel(), files = MemoryFiles.memory
    let (written, loaded, other) = try roundTrip(model, attach(prompt(3), to: model), files)
    #expect(written.tensors == [AdapterKey(key: "prompt_embeddings", shape: [3, 16])])
    let config = try config(files)
    #expect(config["num_virtual_tokens"] == 3 && config["token_dim"] == 16 && config["num_layers"] == 2)
    #expect(config["num_attention_heads"] == 2 && config["num_transformer_submodules"] == 1)
    #expect(config["task_type"] == "CAUSAL_LM" && config["target_modules"] == nil)
    #expect(try logits(other).largestDifference(from: logits(model)) == 0)
    #expect(loaded.report.difference > 0.01)
  }

  @Test func whatPeftLacksIsRefusedByName() throws {
    let model = try tinyModel(), files = MemoryFiles.memory
    let full = try Attachment(FullTuning(), to: model, name: "full")
    let failure = failure { try AdapterFiles.write(full, of: model, to: "/a", files: files) }
    #expect(failure.what == "peft has no form for full." && failure.cure.contains("session"))
    #expect(try files.kind(at: "/a") == nil)
  }

  @Test func anUntrainedAdapterWarns() throws {
    let model = try tinyModel()
    let (_, loaded, _) = try roundTrip(model, try Attachment(LoRA(), to: model, name: "lora"))
    #expect(loaded.report.difference == 0)
    #expect(loaded.report.warning?.contains("changes no logit") == true)
  }

  @Test func aLoadThatMustChangeSomethingTakesItsAttachmentBack() throws {
    let model = try tinyModel(), files = MemoryFiles.memory
    let untrained = try Attachment(LoRA(), to: model, name: "lora")
    try AdapterFiles.write(untrained, of: model, to: "/a", files: files)
    let other = try tinyModel(), state = other.state
    expectFailure("changes no logit") {
      _ = try AdapterFiles.read("/a", onto: other, mustChange: true, files: files)
    }
    #expect(other.attachments.isEmpty && other.isSame(as: state))
  }

  @Test func aSecondAdapterIsMeasuredByItself() throws {
    let model = try tinyModel(), files = MemoryFiles.memory
    let (_, loaded, other) = try roundTrip(model, attach(lora(r: 2, alpha: 2), to: model), files)
    expectFailure("already an attachment named “lora”") {
      _ = try AdapterFiles.read("/a", onto: other, files: files)
    }
    #expect(other.attachments.count == 1)
    let second = try AdapterFiles.read("/a", onto: other, name: "again", files: files)
    #expect(second.report.difference > 0 && second.report.difference != loaded.report.difference)
    #expect(second.attachment.isOn)
  }
}
