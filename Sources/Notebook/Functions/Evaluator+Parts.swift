import Engine
import Options

/// Parts of tensors and lists: `x[0]`, `x[1:3]`, `x[1..2, :]`.
extension Evaluator {
  func indexed(_ value: Value, _ index: [Syntax.Index]) throws -> Value {
    if case .list(let items) = value, index.count == 1, case .at(let i) = index[0] {
      let at = i < 0 ? i + items.count : i
      guard items.indices.contains(at) else {
        throw Failure("the list has \(items.count) values, no number \(i).")
      }
      return items[at]
    }
    guard case .tensor(let whole, let place) = value else {
      throw Failure("\(value.kind) has no parts.", cure: "Tensors and lists have: blocks.0.attn.q[0,:]")
    }
    guard index.count <= whole.shape.count else {
      throw Failure(
        "\(index.count) indices for a tensor of shape \(whole.shape).",
        cure: "Give at most \(whole.shape.count).")
    }
    var tensor = whole.plain
    var flat = try Tensor(whole.shape, (0..<whole.count).map { Float($0) })
    var axis = 0
    for one in index {
      let range = try range(one, tensor.shape[axis])
      tensor = try tensor.slice(axis: axis, range)
      flat = try flat.slice(axis: axis, range)
      if case .at = one {
        var shape = tensor.shape
        shape.remove(at: axis)
        tensor = try tensor.reshaped(shape)
        flat = try flat.reshaped(shape)
      } else {
        axis += 1
      }
    }
    let inner = flat.scalars.map { Int($0) }
    let outer = place.map { place in
      Value.Place(
        subject: place.subject, name: place.name,
        indices: whole.count > 1 << 24 ? nil : inner.map { place.indices?[$0] ?? $0 })
    }
    return .tensor(tensor, outer)
  }

  private func range(_ index: Syntax.Index, _ size: Int) throws -> Range<Int> {
    func at(_ i: Int) -> Int { i < 0 ? i + size : i }
    switch index {
    case .at(let i):
      guard (0..<size).contains(at(i)) else { throw Failure("index \(i) is outside an axis of \(size).") }
      return at(i)..<at(i) + 1
    case .slice(let from, let to):
      let low = min(max(at(from ?? 0), 0), size), high = min(max(at(to ?? size), 0), size)
      return low..<max(low, high)
    case .span(let from, let to):
      guard at(from) >= 0, at(to) < size, at(from) <= at(to) else {
        throw Failure("\(from)..\(to) is outside an axis of \(size).")
      }
      return at(from)..<at(to) + 1
    }
  }
}
