import CKernels

/// What a forward pass did, in order, so that it can be walked back.
///
/// Nodes stand in an array: no recursion anywhere, neither in going back nor in letting go. A node is made only for
/// an op with some tracked input, so nothing is recorded for frozen weights or below the first place that needs a
/// gradient. The tape owns its nodes; when it goes, they go, although tensors still know their place.
public final class Tape {
  let core: TapeCore

  /// An empty tape. With `checking`, every recorded op is tested for NaN and infinity (slow: for finding a fault).
  public init(checking: Bool = false) { core = TapeCore(checking: checking) }

  init(within outer: TapeCore) { core = TapeCore(checking: outer.isChecking, within: outer) }

  deinit { core.close() }

  /// The tensor as a leaf of this tape: ops on it are recorded, and `Gradients` will know it. The same memory
  /// always gives the same leaf.
  public func track(_ tensor: Tensor) -> Tensor { core.track(tensor) }

  /// The place in the model that ops are being run for; stands in messages.
  public var place: String {
    get { core.place }
    set { core.place = newValue }
  }

  /// How many ops are recorded.
  public var count: Int { core.nodes.count }

  /// The names of the recorded ops, in order, each with its place and output shape.
  public var entries: [(op: String, place: String, shape: [Int])] {
    core.nodes.map { ($0.op, $0.place, $0.shape) }
  }

  /// The gradient of a scalar with respect to every leaf, and to the tensors of `watched`.
  ///
  ///     d loss / d loss = 1, then node by node backwards: dx = pullback(dy), added up where a tensor was used twice
  ///
  /// Each node's memory is let go as soon as it has been walked over; walking over an op again throws.
  public func gradients(of loss: Tensor, watched: [Tensor] = [], interrupt: Interrupt? = nil) throws
    -> Gradients
  {
    guard loss.count == 1 else {
      throw EngineError.shapes(op: "gradients", "the loss must be one number, its shape is \(loss.shape)")
    }
    guard let origin = loss.origin, origin.core === core else { return Gradients() }
    return try core.walkBack(from: origin.index, watched: watched, interrupt: interrupt)
  }
}

/// Gradients by tensor: a value, asked for with `gradients[tensor]`, that may outlive its tape.
public struct Gradients {
  private let core: TapeCore?
  private let values: [Int: Tensor]
  private let leaves: [Leaf: Int]

  /// No gradients at all.
  public init() { (core, values, leaves) = (nil, [:], [:]) }

  init(core: TapeCore, values: [Int: Tensor], leaves: [Leaf: Int]) {
    (self.core, self.values, self.leaves) = (core, values, leaves)
  }

  /// The gradient of a leaf (asked by the tensor that was tracked, or by its memory) or of a watched tensor, in
  /// the shape of the tensor that asks; nil where the loss does not depend on it.
  public subscript(_ tensor: Tensor) -> Tensor? {
    guard let core else { return nil }
    let own = tensor.origin.flatMap { $0.core === core ? $0.index : nil }
    return (own ?? leaves[Leaf(tensor)]).flatMap { values[$0] }?.viewed(as: tensor.shape)
  }

  /// The mean with gradients of another tape by the same leaves, which count with `share`; what one of them does not
  /// depend on counts as 0 there.
  ///
  ///     g = (1 − share)·g + share·g′
  public func mixed(with other: Gradients, share: Float) throws -> Gradients {
    guard let core = core ?? other.core else { return self }
    var mean: [Int: Tensor] = [:], places: [Leaf: Int] = [:]
    for leaf in Set(leaves.keys).union(other.leaves.keys) {
      let a = leaves[leaf].flatMap { values[$0] }, b = other.leaves[leaf].flatMap { other.values[$0] }
      guard let first = a ?? b else { continue }
      places[leaf] = -1 - places.count  // below every node's own number
      let parts = (try a?.scaled(by: 1 - share), try b?.viewed(as: first.shape).scaled(by: share))
      mean[-places.count] = try parts.0.map { a in try parts.1.map { try a + $0 } ?? a } ?? parts.1
    }
    return Gradients(core: core, values: mean, leaves: places)
  }
}

/// What makes a leaf: a place in memory, kept alive so that no other tensor can come to stand there.
struct Leaf: Hashable {
  private let storage: Storage
  private let offset, count: Int

  init(_ tensor: Tensor) { (storage, offset, count) = (tensor.storage, tensor.offset, tensor.count) }

  static func == (a: Leaf, b: Leaf) -> Bool {
    a.storage === b.storage && a.offset == b.offset && a.count == b.count
  }

  func hash(into hasher: inout Hasher) {
    hasher.combine(ObjectIdentifier(storage))
    hasher.combine(offset)
    hasher.combine(count)
  }
}

/// A tensor's place on a tape.
struct Origin {
  let core: TapeCore
  let index: Int
}

typealias Pullback = (Tensor) throws -> [Tensor?]

/// The memory of a tape, which tensors may outlive it with.
final class TapeCore {
  struct Node {
    let op: String
    let place: String
    let shape: [Int]
    let inputs: [Int]  // none: a leaf; −1: an input that is not tracked
    var pullback: Pullback?
  }

  var nodes: [Node] = []
  var place = ""
  let isChecking: Bool
  private(set) var isOpen = true
  /// The tape of a block that is run by itself just now: ops are recorded there.
  var inner: TapeCore?
  /// The tape that this one is run within; what is tracked there is a leaf here.
  private(set) weak var outer: TapeCore?
  /// On a tape within another, the tensors that its leaves were, in the order they came.
  private(set) var leafOrder: [Tensor] = []
  private var leaves: [Leaf: Int] = [:]

  init(checking: Bool, within outer: TapeCore? = nil) {
    isChecking = checking
    self.outer = outer
  }

  /// Where ops are recorded: here, or on the tape of the block that is run by itself.
  var innermost: TapeCore { inner?.innermost ?? self }

  /// An input's place; −1 where it is not tracked.
  func index(of input: Tensor) -> Int {
    guard let origin = input.origin else { return -1 }
    if origin.core === self { return origin.index }
    guard let outer, origin.core === outer else { return -1 }
    return track(input).origin?.index ?? -1
  }

  func close() {
    isOpen = false
    nodes.removeAll()
    leaves.removeAll()
    leafOrder.removeAll()
  }

  func track(_ tensor: Tensor) -> Tensor {
    guard isOpen, tensor.origin?.core !== self else { return tensor }
    let leaf = Leaf(tensor)
    let index = leaves[leaf] ?? nodes.count
    if index == nodes.count {
      nodes.append(Node(op: "leaf", place: place, shape: tensor.shape, inputs: [], pullback: nil))
      leaves[leaf] = index
      if outer != nil { leafOrder.append(tensor) }
    }
    return tensor.placed(on: self, at: index)
  }

  /// Walks back from a node, whose own gradient is `seed`; nil: 1.
  func walkBack(from top: Int, seed: Tensor? = nil, watched: [Tensor], interrupt: Interrupt?) throws
    -> Gradients
  {
    var pending = [Tensor?](repeating: nil, count: nodes.count)
    var wanted: [Int: Tensor] = [:]
    let watching = Set(watched.compactMap { $0.origin?.core === self ? $0.origin?.index : nil })
    let profile = Profile.current
    profile?.begin(.back)
    pending[top] =
      seed?.viewed(as: nodes[top].shape) ?? Tensor(shape: nodes[top].shape, storage: Tensor(1).storage)
    for i in stride(from: top, through: 0, by: -1) {
      guard let dy = pending[i] else { continue }
      pending[i] = nil
      let inputs = nodes[i].inputs
      if inputs.isEmpty || watching.contains(i) { wanted[i] = dy }
      if inputs.isEmpty { continue }
      try interrupt?.check()
      guard let pullback = nodes[i].pullback else {
        throw EngineError.shapes(op: "gradients", "\(nodes[i].op) was walked over before; record it again")
      }
      nodes[i].pullback = nil
      let parts = try profile?.inside { try pullback(dy) } ?? pullback(dy)
      for (input, part) in zip(inputs, parts) where input >= 0 {
        guard let part = part?.viewed(as: nodes[input].shape) else { continue }
        if isChecking && !part.isFinite {
          throw EngineError.notFinite(op: "the gradient of " + nodes[i].op, place: nodes[i].place)
        }
        if let sum = pending[input].take() {
          pending[input] = Tensor.sum(consuming: consume sum, part)
        } else {
          pending[input] = part
        }
      }
      profile?.lap(nodes[i].op, at: nodes[i].place)
    }
    return Gradients(core: self, values: wanted, leaves: leaves)
  }
}

extension Tensor {
  /// This result, recorded as made by `op` from `inputs` when one of them is tracked. `pullback` takes dy and gives
  /// a gradient for each input, nil for those that do not need one; it must hold only plain tensors.
  func recorded(_ op: String, from inputs: [Tensor], _ pullback: @escaping Pullback) throws -> Tensor {
    defer { Profile.current?.lap(op) }
    guard let core = inputs.first(where: \.isTracked)?.origin?.core.innermost else { return self }
    if core.isChecking && !isFinite { throw EngineError.notFinite(op: op, place: core.place) }
    let indices = inputs.map(core.index)
    core.nodes.append(.init(op: op, place: core.place, shape: shape, inputs: indices, pullback: pullback))
    return placed(on: core, at: core.nodes.count - 1)
  }

  func placed(on core: TapeCore, at index: Int) -> Tensor {
    Tensor(shape: shape, storage: storage, offset: offset, origin: Origin(core: core, index: index))
  }

  /// The same numbers, off the tape, in another shape of as many numbers.
  fileprivate func viewed(as shape: [Int]) -> Tensor {
    if shape == self.shape || shape.reduce(1, *) != count { return self }
    return Tensor(shape: shape, storage: storage, offset: offset)
  }

  /// a + b, into a's memory when nobody else holds it.
  static func sum(consuming a: consuming Tensor, _ b: Tensor) -> Tensor {
    var storage = a.storage
    let shape = a.shape, offset = a.offset, count = a.count
    _ = consume a
    if isKnownUniquelyReferenced(&storage) && storage.format == .f32 {
      let sum = storage.floats + offset
      b.read { b in
        Threads.shared.ranges(count, grain: elementGrain) { part in
          ck_axpy(part.count, 1, b + part.lowerBound, sum + part.lowerBound)
        }
      }
      return Tensor(shape: shape, storage: storage, offset: offset)
    }
    return storage.withFloats(offset, count) { source in
      Tensor.make(shape) { out in
        b.read { b in
          Threads.shared.ranges(count, grain: elementGrain) { for i in $0 { out[i] = source[i] + b[i] } }
        }
      }
    }
  }
}
