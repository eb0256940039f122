import Data
import Engine
import FileSystem
import Methods
import Networks
import Options

@testable import Formats

/// A GPT of two blocks whose numbers are all different, so that a tensor in the wrong place shows.
func tinyModel(vocabulary: Int = 40, layers: Int = 2, seed: UInt64 = 7) throws -> Model {
  var form = GPT.Form()
  (form.vocabulary, form.context, form.width) = (vocabulary, 16, 16)
  (form.layers, form.heads) = (layers, 2)
  let model = try GPT.model(form, chance: Engine.Chance(seed: seed))
  for parameter in model.directory.parameters {
    let noise = model.chance.normal(parameter.shape, deviation: 0.3, purpose: "test " + parameter.name)
    parameter.value = try parameter.name.contains("norm") ? parameter.value + noise : noise
  }
  return model
}

/// The ids on which logits are compared.
let probeIds = [[3, 1, 4, 15, 9, 2, 6], [5, 35, 8, 9, 7, 9, 3]]

func logits(_ model: Model, _ ids: [[Int]] = probeIds) throws -> Tensor {
  try model.logits(Input(ids), Pass())
}

/// Attaches a method and gives its parameters numbers, as training would.
@discardableResult
func attach(
  _ method: some TuningMethod, to model: Model, name: String? = nil, on: [String] = [], layers: [Int] = []
) throws -> Attachment {
  var placement = Attachment.Placement()
  (placement.on, placement.layers) = (on, layers)
  let attachment = try Attachment(
    method, to: model, name: name ?? type(of: method).card.name, placement: placement)
  let trained = model.directory.parameters.filter { attachment.claims($0) }
  for parameter in attachment.parameters.filter({ !$0.isFixed }) + trained {
    parameter.value = model.chance.normal(
      parameter.shape, deviation: 0.4, purpose: "trained " + parameter.name)
  }
  return attachment
}

func lora(r: Int, alpha: Float, rslora: Bool = false) -> LoRA {
  var lora = LoRA()
  (lora.r, lora.alpha, lora.rslora) = (r, alpha, rslora)
  return lora
}

func prompt(_ n: Int) -> PromptTuning {
  var prompt = PromptTuning()
  prompt.n = n
  return prompt
}

/// A byte-pair tokenizer of 284 tokens: there is no more to merge.
func tinyTokenizer() throws -> BytePairTokenizer {
  let text = "the cat sat on the mat, and the rat sat on the cat; that was that. "
  return try BytePairTrainer(vocabularySize: 300).train([text, text + "then they ran and sang."])
}

/// Writes the files of a folder into one in memory with some of them changed.
func changed(_ files: MemoryFiles, _ folder: String, _ name: String, _ change: (inout JSON.Object) -> Void)
  throws
{
  let path = Path.join(folder, name)
  var object = try JSON.read(path, files: files).asObject ?? JSON.Object()
  change(&object)
  try files.write(path, text: JSON.object(object).text())
}
