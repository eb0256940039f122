import Engine
import Methods
import Options
import Testing

@testable import Networks

/// `on=` and `layers=` restrict every method; what cannot be is refused, and then nothing has changed.
struct PlacementLaws {
  @Test(arguments: Tried.all) func layersRestrict(_ tried: Tried) throws {
    let name = tried.method, model = try tried.model.random()
    var placement = Attachment.Placement()
    placement.layers = [1]
    let before = model.fingerprint
    do {
      let attachment = try model.attach(name, at: placement)
      #expect(attachment.edits.allSatisfy { $0.site.layer == 1 })
      let head = Set(model.taskHead.map(\.name)), shared = "\(attachment.name)."  // what all its sites use
      #expect(
        model.trainable.allSatisfy {
          ("." + $0.name).contains(".blocks.1.") || $0.name.hasPrefix(shared)
            || head.contains($0.name)
        })
      try model.trained(1)
      try attachment.detach(from: model)
    } catch let failure as Failure {
      #expect(failure.what.contains("nothing"), "\(failure)")  // what sits outside blocks
    }
    #expect(model.fingerprint == before)
  }

  @Test(arguments: Tried.all) func onRestricts(_ tried: Tried) throws {
    let name = tried.method, model = try tried.model.random()
    let usual = try model.attach(name)
    let local = usual.edits.first { $0.site.layer != nil }?.site.localName ?? tried.model.site
    try usual.detach(from: model)
    let before = model.fingerprint
    var placement = Attachment.Placement()
    placement.on = ["blocks.0.\(local)"]
    do {
      let attachment = try model.attach(name, at: placement)
      // Two stacks have a block of that number each.
      #expect(attachment.edits.allSatisfy { ("." + $0.site.name).hasSuffix(".blocks.0.\(local)") })
      let head = Set(model.taskHead.map(\.name)), shared = "\(attachment.name)."
      #expect(
        model.trainable.allSatisfy {
          ("." + $0.name).contains(".blocks.0.\(local).") || $0.name.hasPrefix(shared)
            || head.contains($0.name)
        })
      try model.trained(1)
      try attachment.detach(from: model)
    } catch let failure as Failure {
      #expect(failure.what.contains("nothing"), "\(failure)")
    }
    #expect(model.fingerprint == before)
  }

  @Test(arguments: Tried.all) func wrongPlacesAreRefused(_ tried: Tried) throws {
    let name = tried.method, model = try tried.model.random()
    let right = tried.model.site, wrong = right.replacing("tt", with: "t")
    let typo = try refusal(name, model, on: [wrong])
    #expect(typo.what.contains(wrong) && typo.cure.contains(right))
    #expect(typo.details.joined().contains("mlp.down"))
    #expect(try refusal(name, model, on: [right, "nowhere"]).what.contains("nowhere"))
    #expect(try refusal(name, model, layers: [0, 2]).what.contains("layers=2"))
    #expect(try refusal(name, model, layers: [-1]).cure.contains("layers=0"))
  }

  @Test(arguments: Tried.all) func takenNamesAreRefused(_ tried: Tried) throws {
    let name = tried.method, model = try tried.model.random()
    try model.attach("norms", as: "taken")
    let before = model.fingerprint
    let failure = try #require(throws: Failure.self) { try model.attach(name, as: "taken") }
    #expect(failure.what.contains("taken") && failure.cure.contains("as="))
    #expect(model.fingerprint == before)
  }

  /// A name that would give a new parameter the name of one that is there.
  @Test func namesOfParametersStayUnique() throws {
    let model = try TinyGPT.random()
    let before = model.fingerprint
    #expect(throws: Failure.self) { try Attachment(Clash(), to: model, name: "embed") }
    #expect(model.fingerprint == before)
  }

  /// However far attaching got, a failure leaves nothing behind.
  @Test func failuresLeaveNothingHalfDone() throws {
    let model = try TinyGPT.random()
    let before = model.fingerprint
    for moment in Broken.Moment.allCases {
      #expect(throws: Failure.self) { try Attachment(Broken(moment), to: model, name: "broken") }
      #expect(model.fingerprint == before, "\(moment)")
    }
    model.words = nil
    #expect(throws: Failure.self) { try model.attach("prompt", with: [("text", .text("abc"))]) }
    #expect(throws: Failure.self) { try model.attach("prompt", with: [("n", .integer(40))]) }
    #expect(model.fingerprint == before)
  }

  @Test func huggingFaceNamesWork() throws {
    let model = try TinyGPT.random()
    var placement = Attachment.Placement()
    placement.on = ["c_attn", "h.*.mlp.c_fc"]
    let names = try model.attach("lora", at: placement).edits.map(\.site.name)
    #expect(names == ["blocks.0.attn.qkv", "blocks.0.mlp.up", "blocks.1.attn.qkv", "blocks.1.mlp.up"])
  }

  private func refusal(_ name: String, _ model: Model, on: [String] = [], layers: [Int] = []) throws
    -> Failure
  {
    var placement = Attachment.Placement()
    (placement.on, placement.layers) = (on, layers)
    let before = model.fingerprint
    let failure = try #require(throws: Failure.self) { try model.attach(name, at: placement) }
    #expect(model.fingerprint == before)
    return failure
  }
}

/// A method that fails at a chosen moment of being attached.
private struct Broken: TuningMethod {
  enum Moment: CaseIterable { case supports, prepare, edit, nothing }
  static let card = Card("broken", "Fails.")
  var moment = Moment.supports
  init() {}
  init(_ moment: Moment) { self.moment = moment }
  func supports(_ model: Model) throws { if moment == .supports { throw Failure("not this model") } }
  mutating func prepare(_ model: Model) throws { if moment == .prepare { throw Failure("no words") } }
  func trains(_ parameter: Parameter) -> Bool { moment != .nothing }
  func edit(_ site: Site, _ scope: Scope) throws -> Edit? {
    if moment == .nothing { return nil }
    _ = try scope.parameter("A", [2], .zeros)
    if moment == .edit && site.name == "blocks.1.mlp.up" { throw Failure("not here") }
    return Edit()
  }
}

/// A method whose parameter at the embedding is called as the embedding's own.
private struct Clash: TuningMethod {
  static let card = Card("clash", "Takes a name.")
  func edit(_ site: Site, _ scope: Scope) throws -> Edit? {
    guard site.kind == .entry else { return nil }
    _ = try scope.parameter("weight", [2], .zeros)
    return Edit()
  }
}
