import Engine

/// A place in a model where its computation can be seen and changed.
///
/// Each layer runs through its site; a method answers, for a site, with an `Edit`. The same sites serve inspection
/// and hooks. A site that nobody uses costs one branch.
public final class Site {
  /// What kind of layer runs here.
  public enum Kind: String, Sendable, CaseIterable {
    /// The model's entry: takes `sequence` edits.
    case entry
    case embedding, linear, norm, attention
    /// A slice of a fused linear layer's output.
    case part
    /// A whole sublayer, norm and all: reads the residual stream, gives what is added to it.
    case sublayer
    /// A whole block: its output is the residual stream.
    case block
  }

  /// Short and stable: `blocks.0.attn.qkv`.
  public let name: String
  /// The kind of layer.
  public let kind: Kind
  /// Numbers a position read and given.
  public let width: (in: Int, out: Int)
  /// For attention: numbers that all heads' keys have a position, fewer than the queries' where heads share keys.
  public internal(set) var keyWidth = 0
  /// The layer's weight, where it has one.
  public let weight: Parameter?
  /// The layer's bias, where it has one; folding may give one to a layer that has none.
  public private(set) var bias: Parameter?
  /// For a part: the columns of the whole layer's output that it is.
  public internal(set) var columns: Range<Int>?
  /// For a part: the whole layer.
  public internal(set) weak var whole: Site?
  /// For a norm: the linear layers that read what it gives, where nothing else does.
  var readers: [Site] = []
  /// The parts of a fused layer.
  public internal(set) var parts: [Site] = []
  /// The name of the module in Hugging Face's model, where there is one.
  public internal(set) var foreignName: String?
  /// For a sublayer of a block that has its norms after it: that norm, which reads the sum of stream and sublayer.
  public internal(set) var normAfter: ((Tensor, Pass) throws -> Tensor)?

  struct Placed {
    unowned let owner: any EditOwner
    let edit: Edit
  }
  private(set) var placed: [Placed] = []
  private var isQuiet = true  // no edits here nor at any part

  init(
    _ name: String, _ kind: Kind, width: (in: Int, out: Int), weight: Parameter? = nil, bias: Parameter? = nil
  ) {
    self.name = name
    self.kind = kind
    self.width = width
    self.weight = weight
    self.bias = bias
    keyWidth = width.out
  }

  func setBias(_ bias: Parameter?) {
    self.bias = bias
    for part in parts { part.setBias(bias) }
  }

  /// The block it belongs to; nil outside blocks.
  public var layer: Int? {
    let parts = name.split(separator: ".")
    return parts.count > 1 && parts[0] == "blocks" ? Int(parts[1]) : nil
  }

  /// The name inside its block: `attn.qkv`.
  public var localName: String {
    layer == nil ? name : name.split(separator: ".").dropFirst(2).joined(separator: ".")
  }

  // MARK: Edits

  /// Places an edit after those that stand here.
  public func place(_ edit: Edit, by owner: any EditOwner) {
    placed.append(Placed(owner: owner, edit: edit))
    refresh()
  }

  /// Takes all edits of an owner away.
  public func remove(_ owner: any EditOwner) {
    placed.removeAll { $0.owner === owner }
    refresh()
  }

  private func refresh() {
    isQuiet = placed.isEmpty && parts.allSatisfy(\.placed.isEmpty)
    whole?.refresh()
  }

  /// The edits that run in this pass.
  func edits(_ pass: Pass) -> [Edit] {
    if placed.isEmpty || pass.isBase { return [] }
    return placed.compactMap { $0.owner.isOn ? $0.edit : nil }
  }

  /// Whether nothing changes this layer and nobody looks at it.
  public func isPlain(_ pass: Pass) -> Bool { pass.trace == nil && (isQuiet || pass.isBase) }

  // MARK: Running

  /// Runs a layer that reads x and gives y.
  func run(_ x: Tensor, _ pass: Pass, _ layer: (Tensor) throws -> Tensor) throws -> Tensor {
    pass.tape?.place = name
    if isPlain(pass) { return try layer(x) }
    let edits = edits(pass)
    let x = try edits.reduce(x) { try $1.input?($0, pass) ?? $0 }
    let plain = try layer(x)
    pass.trace?.record(self, plain: plain)
    let y = try edits.reduce(plain) { try $1.output?(x, $0, pass) ?? $0 }
    pass.trace?.record(self, x, y)
    return y
  }

  /// Runs a linear layer, whose low-rank terms and parts the engine handles in the same op.
  func runLinear(_ x: Tensor, _ pass: Pass) throws -> Tensor {
    guard let weight else { throw EngineError.shapes(op: "linear", "\(name) has no weight") }
    pass.tape?.place = name
    let b = bias.flatMap(pass.readBias)
    if isPlain(pass) { return try x.linear(pass.read(weight), bias: b) }
    let edits = edits(pass)
    let w = edits.last { $0.base != nil }?.base ?? pass.read(weight)
    let x = try edits.reduce(x) { try $1.input?($0, pass) ?? $0 }
    var terms = try edits.compactMap { try $0.term?(x, pass) }
    for part in parts where !part.readsOtherwise(pass) {
      for edit in part.edits(pass) {
        guard var term = try edit.term?(x, pass) else { continue }
        term.columns = part.columns
        terms.append(term)
      }
    }
    var y = try x.linear(w, bias: b, terms: terms)
    y = try editParts(x, y, w, b, edits, pass)
    pass.trace?.record(self, plain: y)
    y = try edits.reduce(y) { try $1.output?(x, $0, pass) ?? $0 }
    pass.trace?.record(self, x, y)
    return y
  }

  /// Whether an edit changes what this part reads, so that it must be computed by itself.
  private func readsOtherwise(_ pass: Pass) -> Bool {
    edits(pass).contains { $0.input != nil || $0.base != nil }
  }

  private func editParts(_ x: Tensor, _ y: Tensor, _ w: Tensor, _ b: Tensor?, _ whole: [Edit], _ pass: Pass)
    throws
    -> Tensor
  {
    let isTouched = parts.contains { part in
      pass.trace?.wants(part) == true
        || part.edits(pass).contains { $0.output != nil || $0.input != nil || $0.base != nil }
    }
    guard isTouched else { return y }
    var isChanged = false
    let axis = y.shape.count - 1
    let slices = try parts.map { part -> Tensor in
      guard let columns = part.columns else { return y }
      let edits = part.edits(pass)
      var px = x
      var slice = try y.slice(axis: axis, columns)
      if part.readsOtherwise(pass) {
        px = try edits.reduce(x) { try $1.input?($0, pass) ?? $0 }
        let own = try edits.last { $0.base != nil }?.base ?? w.slice(axis: 0, columns)
        var terms = try edits.compactMap { try $0.term?(px, pass) }
        for edit in whole {  // the whole layer's terms reach into this part too
          guard var term = try edit.term?(px, pass) else { continue }
          term.b = try term.b.slice(axis: 0, columns)
          terms.append(term)
        }
        slice = try px.linear(own, bias: try b?.slice(axis: 0, columns), terms: terms)
        isChanged = true
      }
      pass.trace?.record(part, plain: slice)
      let edited = try edits.reduce(slice) { try $1.output?(px, $0, pass) ?? $0 }
      isChanged = isChanged || edits.contains { $0.output != nil }
      pass.trace?.record(part, px, edited)
      return edited
    }
    return isChanged ? try Tensor.concat(slices, axis: axis) : y
  }
}
