import Engine
import Methods
import Options
import Testing

@testable import Networks

extension Model {
  /// What the model answers with everything off: the base as it is held, packed or not.
  func heldLogits() throws -> Tensor {
    let twin = try TinyModel.of(self).random()
    try twin.pack(
      packed.compactMap { one in
        guard let parameter = twin.parameter(one.name), let form = one.value.packing?.form else { return nil }
        return (parameter, form)
      })
    return try twin.tinyLogits()
  }

  /// Attaches a second method. Where one of the two packs what the other trains or packs, that must be refused and
  /// leave everything as it was: then it gives nil.
  func attach(_ method: String, beside other: String, as name: String) throws -> Networks.Attachment? {
    func reach(_ method: String) throws -> (packs: Set<String>, trains: Set<String>) {
      let model = try TinyModel.of(self).random()
      let attachment = try model.attach(method)
      let own = model.directory.parameters
      return (
        Set(own.filter(attachment.packs).map(\.name)), Set(own.filter(attachment.claims).map(\.name))
      )
    }
    let a = try reach(other), b = try reach(method)
    let canStand = a.packs.isDisjoint(with: b.packs.union(b.trains)) && b.packs.isDisjoint(with: a.trains)
    if canStand { return try attach(method, as: name) }
    let before = fingerprint
    let failure = try #require(throws: Failure.self) { try attach(method, as: name) }
    #expect(failure.what.count > 15 && !failure.cure.isEmpty)
    #expect(fingerprint == before)
    return nil
  }
}
