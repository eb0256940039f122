import Data
import Engine
import Methods
import Networks
import Testing
import Training

/// LoRA and prompt tuning against peft.
struct GoldenMethodTests {
  @Test(arguments: ["lora", "rslora"]) func loraAgrees(name: String) throws {
    let golden = try #require(try GoldenGPT.read("lora", as: [String: GoldenGPT.LowRank].self)[name])
    let (model, attachment) = try lora(golden, isRootScaled: name == "rslora")
    let batch = try GoldenGPT.batch()
    let logits = try model.logits(GoldenGPT.input(batch), Pass())
    #expect(try GoldenGPT.difference(logits, golden.logits, batch) < 1e-5)
    let tape = Tape()
    let loss = try LanguageLoss(model, batch, Pass(tape: tape)).loss
    #expect(abs(loss.item - golden.loss) < 1e-6)
    let gradients = try tape.gradients(of: loss)
    for parameter in attachment.parameters {
      let wanted = try #require(golden.gradients[foreign(parameter)]).tensor()
      let difference = try #require(gradients[parameter.value]).largestDifference(from: wanted)
      // float32 against float64: other processors sum in other orders, which costs up to 6e-6 here.
      #expect(difference < 1e-5 * max(1, wanted.most), "\(parameter.name)")
    }
    #expect(golden.gradients.count == attachment.parameters.count)
    try attachment.fold(model)
    for (key, numbers) in golden.merged {
      let weight = try #require(model.parameter(key))
      #expect(try weight.value.largestDifference(from: GoldenGPT.turned(numbers, weight.name)) < 1e-6)
    }
  }

  @Test func loraStepsAgree() throws {
    let golden = try #require(try GoldenGPT.read("lora", as: [String: GoldenGPT.LowRank].self)["lora"])
    let (model, _) = try lora(golden, isRootScaled: false)
    let trainer = Trainer()
    trainer.state.rate = 0.01
    for (loss, norm) in zip(try #require(golden.losses), try #require(golden.norms)) {
      let report = try trainer.step(model, Same(GoldenGPT.batch()))
      #expect(abs(report.loss - loss) < 1e-5 && abs(report.gradientNorm - norm) < 1e-5)
    }
    let last = try LanguageLoss(model, GoldenGPT.batch(), Pass()).loss.item
    #expect(abs(last - (golden.losses?.last ?? 0)) < 1e-5)
  }

  @Test func promptTuningAgrees() throws {
    let golden: GoldenGPT.Prompts = try GoldenGPT.read("prompt")
    let rows = try GoldenGPT.batch(#require(golden.peft.rows), #require(golden.peft.labels))
    for (wanted, batch) in [(golden.peft, rows), (golden.padded, try GoldenGPT.batch())] {
      let model = try GoldenGPT.model()
      var method = PromptTuning()
      method.n = golden.P.shape[0]
      let p = try Networks.Attachment(method, to: model, name: "prompt").parameters[0]
      p.value = try golden.P.tensor()
      let logits = try model.logits(GoldenGPT.input(batch), Pass())
      #expect(try GoldenGPT.difference(logits, wanted.logits, batch) < 1e-5)
      let tape = Tape()
      let loss = try LanguageLoss(model, batch, Pass(tape: tape)).loss
      #expect(abs(loss.item - wanted.loss) < 1e-6)
      let gradient = try #require(try tape.gradients(of: loss)[p.value])
      #expect(try gradient.largestDifference(from: wanted.gradient.tensor()) < 2e-6)
    }
  }

  private func lora(_ golden: GoldenGPT.LowRank, isRootScaled: Bool) throws -> (Model, Networks.Attachment) {
    let model = try GoldenGPT.model()
    var method = LoRA()
    (method.r, method.alpha, method.rslora) = (4, 8, isRootScaled)
    let attachment = try Networks.Attachment(method, to: model, name: "lora")
    for parameter in attachment.parameters {
      parameter.value = try #require(golden.factors[foreign(parameter)]).tensor()
    }
    return (model, attachment)
  }

  /// `blocks.0.attn.qkv.lora.A` → `transformer.h.0.attn.c_attn.lora_A.weight`
  private func foreign(_ parameter: Parameter) -> String {
    let site = parameter.name.split(separator: ".").dropLast(2).joined(separator: ".")
    return "\(GPT.architecture.foreignSite(site) ?? "").lora_\(parameter.leaf).weight"
  }
}
