import Engine
import Methods
import Testing
import Training

@testable import Networks

/// The head of a classification task trains beside whatever is attached, unless that is told not to.
struct HeadLaws {
  static let classifiers = Tried.all.filter { $0.model.classifies }

  @Test(arguments: classifiers) func trainsBesideTheMethod(_ tried: Tried) throws {
    let model = try tried.model.random(), start = model.fingerprint
    let head = model.taskHead, values = head.map(\.value)
    #expect(head.map(\.name) == ["head.weight", "head.bias"])
    let attachment = try model.attach(tried.method)
    #expect(head.allSatisfy { $0.isTrainable && attachment.claims($0) })
    try model.trained(2)
    #expect(zip(head, values).allSatisfy { $0.value.hash() != $1.hash() })
    try attachment.detach(from: model)
    #expect(model.fingerprint == start)
  }

  @Test(arguments: classifiers) func staysWhereToldSo(_ tried: Tried) throws {
    let model = try tried.model.random()
    var placement = Attachment.Placement()
    placement.head = false
    let attachment = try model.attach(tried.method, at: placement)
    #expect(attachment.head.isEmpty)
    // A method may train it by itself: full tuning, and the one that trains nothing else.
    guard !model.taskHead.contains(where: attachment.method.trains) else { return }
    #expect(model.taskHead.allSatisfy { !$0.isTrainable })
  }

  /// Merged, an attachment trains nothing more, the head neither.
  @Test func restsWhenMerged() throws {
    let model = try TinyModel.encoder.random()
    let lora = try model.attach("lora")
    try lora.fold(model)
    #expect(model.trainable.isEmpty)
    try lora.unfold(model)
    #expect(model.taskHead.allSatisfy { $0.isTrainable })
  }

  /// A change of low rank on the head stands in for training the head itself.
  @Test func isNotTrainedUnderAMethodOnIt() throws {
    let model = try TinyModel.encoder.random()
    var placement = Attachment.Placement()
    placement.on = ["head"]
    let lora = try model.attach("lora", at: placement)
    #expect(lora.head.isEmpty && model.taskHead.allSatisfy { !$0.isTrainable })
    try lora.stir()
    let before = try model.tinyLogits()
    try lora.fold(model)
    #expect(try model.tinyLogits().largestDifference(from: before) < 1e-5 * before.most)
  }

  /// A decoder's head for classes reads the last token of a row, on whichever side it is filled up.
  @Test func aDecoderAnswersOnceARow() throws {
    var form = TinyGPT.form
    form.classes = 3
    let model = try GPT.model(form, chance: Chance(seed: 1)) { TinyModel.drawn(Chance(seed: 1), $0, $1) }
    #expect(model.taskHead.map(\.name) == ["head.weight"] && model.baseCount == form.count)
    let left = Input([[0, 3, 1, 4], [1, 5, 9, 2]], mask: [[0, 1, 1, 1], [1, 1, 1, 1]])
    let right = Input([[3, 1, 4, 0], [1, 5, 9, 2]], mask: [[1, 1, 1, 0], [1, 1, 1, 1]])
    let logits = try model.logits(left, Pass())
    #expect(logits.shape == [2, 3])
    #expect(try model.logits(right, Pass()).largestDifference(from: logits) < 1e-5)
    try model.attach("prompt")
    #expect(try model.logits(left, Pass()).shape == [2, 3])
    #expect(throws: (any Error).self) { try model.generate([[1, 2]], count: 2) }
  }

  /// Vectors before a text are not the [CLS] that the pooler reads, unless it is to be as `peft` has it.
  @Test func thePoolerReadsTheTextsOwnFirst() throws {
    let model = try TinyModel.encoder.random()
    let prompt = try model.attach("prompt"), entry = try #require(model.site("input"))
    let own = try model.tinyLogits(), hook = Hook()
    var edit = Edit()
    edit.sequence = { sequence, _ in
      var copy = sequence
      copy.isReadFromFirst = true
      return copy
    }
    entry.place(edit, by: hook)
    #expect(try model.tinyLogits().largestDifference(from: own) > 1e-4)
    entry.remove(hook)
    #expect(try model.tinyLogits().hash() == own.hash())
    try prompt.detach(from: model)
  }
}
