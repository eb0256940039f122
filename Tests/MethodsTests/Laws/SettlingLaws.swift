import Engine
import Methods
import Options
import Testing

@testable import Networks

/// A method with an encoder gives it up without any change of the answer; all others refuse with the reason.
struct SettlingLaws {
  @Test(arguments: Tried.all) func settlesExactlyOrRefuses(_ tried: Tried) throws {
    let name = tried.method, model = try tried.model.random()
    let start = model.fingerprint
    let others = [try model.attach("lora", as: "before")]
    let it = try model.attach(name, as: "it")
    let after = try model.attach("lora", as: "after")
    for attachment in others + [it, after] { try attachment.stir() }
    try model.trained(2)
    let state = model.state, before = model.fingerprint, logits = try model.tinyLogits()
    guard let free = try it.settled(of: model) else {
      let failure = #expect(throws: Failure.self) { try it.settle(in: model) }
      #expect(failure?.what.contains("no encoder") == true)
      #expect(model.fingerprint == before)
      return
    }
    #expect(model.fingerprint == before, "asking changes nothing")
    let settled = try it.settle(in: model)
    #expect(model.attachments.map(\.name) == ["before", "it", "after"] && model.attachments[1] === settled)
    #expect(settled.parameters.map(\.name) == free.parameters.map(\.name))
    #expect(try model.tinyLogits().largestDifference(from: logits) == 0)
    #expect(
      settled.parameters.allSatisfy(\.isTrainable) && !it.parameters.contains { $0 === settled.parameters[0] }
    )
    #expect(throws: Failure.self) { try settled.settle(in: model) }
    try model.trained(2)
    #expect(try model.tinyLogits().largestDifference(from: logits) > 0)
    let later = model.fingerprint, end = model.state
    model.restore(state)
    #expect(model.fingerprint == before)
    #expect(try model.tinyLogits().hash() == logits.hash())
    model.restore(end)
    #expect(model.fingerprint == later)
    for attachment in model.attachments { try attachment.detach(from: model) }
    #expect(model.fingerprint == start)
  }

  /// What a settled one claims of the base comes back as if it had never been settled.
  @Test func claimsGoAlong() throws {
    let model = try TinyGPT.random()
    let start = model.fingerprint
    let it = try Attachment(WithBiases(), to: model, name: "it")
    try model.trained(2)
    let logits = try model.tinyLogits()
    let settled = try it.settle(in: model)
    #expect(try model.tinyLogits().largestDifference(from: logits) == 0)
    #expect(model.directory.parameters.contains { settled.claims($0) && $0.isTrainable })
    try model.trained(1)
    settled.isOn = false
    #expect(try model.tinyLogits().hash() == TinyGPT.random().tinyLogits().hash())
    settled.isOn = true
    try settled.detach(from: model)
    #expect(model.fingerprint == start)
  }
}

/// A vector that a matrix makes, with the biases of one layer trained beside it.
private struct WithBiases: TuningMethod {
  static let card = Card("with", "Has an encoder and trains biases.", rate: 1e-2)
  var isSettled = false
  func trains(_ parameter: Parameter) -> Bool { parameter.name.hasSuffix("mlp.up.bias") }
  func edit(_ site: Site, _ scope: Scope) throws -> Edit? {
    guard site.kind == .entry else { return nil }
    let e = try scope.parameter(isSettled ? "P" : "E", [1, site.width.out], .normal(1)), isSettled = isSettled
    var edit = Edit()
    edit.sequence = { sequence, pass in
      let e = pass.read(e)
      return try sequence.prepending(isSettled ? e : e.tanh())
    }
    return edit
  }
  func settled(_ held: Held) throws -> (method: WithBiases, values: [String: Tensor])? {
    guard !isSettled else { return nil }
    var method = self, values: [String: Tensor] = [:]
    method.isSettled = true
    for (site, edit) in held.edits where site.kind == .entry {
      values[held.parameter("P", at: site)] = try held.vectors(edit, width: site.width.out, in: Pass())
    }
    return (method, values)
  }
}
