import Data
import Engine
import Methods
import Networks
import Training

var form = GPT.Form()
form.vocabulary = 26; form.context = 32; form.width = 48; form.heads = 4
let model = try GPT.model(form, chance: Chance(seed: 1))
print(model.count, form.count)
let source = AlphabetBatches(try AlphabetTask(), rows: 32)
let trainer = Trainer()
let clock = ContinuousClock()
let t = clock.now
for i in 0..<300 { let r = try trainer.step(model, source); if i % 50 == 0 { print(r.step, r.loss, r.gradientNorm) } }
print(clock.now - t)
print(try Evaluation(model, source.evaluation()))
let lora = try Attachment(LoRA(), to: model, name: "lora")
let two = AlphabetBatches(try AlphabetTask(skills: [2]), rows: 16)
trainer.state = TrainerState()
for i in 0..<60 { let r = try trainer.step(model, two); if i % 10 == 0 { print(r.step, r.loss, r.gradientNorm, r.moved.count) } }
print(try Evaluation(model, two.evaluation()))
let x = Input([[0, 2, 4, 6]])
let before = try model.logits(x, Pass())
try lora.fold(model)
print(try model.logits(x, Pass()).largestDifference(from: before))
try lora.unfold(model)
print(try model.logits(x, Pass()).largestDifference(from: before))
print(try model.generate([[4, 6]], count: 10))
