import Engine
import Methods
import Testing

@testable import Networks

/// Attaching changes the model's answer as the card says, and taking it away restores every bit.
struct StartLaws {
  @Test(arguments: Tried.all) func startsAsItsCardSays(_ tried: Tried) throws {
    let name = tried.method, model = try tried.model.random()
    let before = try model.tinyLogits()
    let attachment = try model.attach(name)
    let difference = try model.tinyLogits().largestDifference(from: before)
    switch attachment.card.startsAs {
    case .unchanged: #expect(difference == 0)
    case .rounded: #expect(difference > 0 && difference < 1e-5 * before.most)
    case .changed: #expect(difference > 0)
    }
  }

  @Test(arguments: Tried.all) func detachRestoresTheBits(_ tried: Tried) throws {
    let name = tried.method, model = try tried.model.random()
    let start = model.fingerprint, logits = try model.tinyLogits().hash()
    let early = try model.attach(name)
    try early.detach(from: model)
    #expect(model.fingerprint == start)
    let late = try model.attach(name)
    try late.stir()
    try model.trained(3)
    #expect(try model.tinyLogits().hash() != logits)
    try late.detach(from: model)
    #expect(model.fingerprint == start)
    #expect(try model.tinyLogits().hash() == logits)
  }

  /// Every pair of methods that can stand together, trained one after the other and taken off in either order.
  @Test(arguments: TriedPair.all) func twoComeOffInEitherOrder(_ tried: TriedPair) throws {
    let (first, second) = (tried.first, tried.second), model = try tried.model.random()
    let start = model.fingerprint, logits = try model.tinyLogits().hash()
    for isFirstOff in [true, false] {
      let a = try model.attach(first, as: "a")
      try model.trained(1)
      guard let b = try model.attach(second, beside: first, as: "b") else {
        try a.detach(from: model)
        #expect(model.fingerprint == start)
        continue
      }
      try model.trained(1)
      for attachment in isFirstOff ? [a, b] : [b, a] { try attachment.detach(from: model) }
      #expect(model.fingerprint == start, "\(isFirstOff ? first : second) was taken off first")
      #expect(try model.tinyLogits().hash() == logits)
    }
  }

  /// Three that train the same biases, the middle one taken off first.
  @Test func overlappingComeOffFromTheMiddle() throws {
    let model = try TinyGPT.random()
    let start = model.fingerprint
    let all = try ["full", "bitfit", "bitfit"].enumerated().map { i, name in
      let attachment = try model.attach(name, as: "\(name)\(i)")
      try model.trained(1)
      return attachment
    }
    for i in [1, 0, 2] { try all[i].detach(from: model) }
    #expect(model.fingerprint == start)
  }
}
