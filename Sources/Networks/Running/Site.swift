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
  public internal(set) var columns: Columns?
  /// For a part: the whole layer.
  public internal(set) weak var whole: Site?
  /// What is added to the weight before it multiplies: 1 where a norm's weight counts from 1.
  var weightOffset: Float = 0
  /// For a norm: what is multiplied with what it gives before those layers read it.
  var readerFactor: Float = 1
  /// For a norm: the linear layers that read what it gives, where nothing else does.
  var readers: [Site] = []
  /// The parts of a fused layer.
  public internal(set) var parts: [Site] = []
  /// The name of the module in Hugging Face's model, where there is one.
  public internal(set) var foreignName: String?
  /// For a sublayer of a block that has its norms after it: that norm, which reads the sum of stream and sublayer.
  public internal(set) var normAfter: ((Tensor, Pass) throws -> Tensor)?
  /// For attention: its heads.
  public internal(set) var heads: Heads?

  /// The heads of an attention layer.
  public struct Heads: Sendable, Equatable {
    /// Heads of the queries.
    public let queries: Int
    /// Heads of the keys and values; fewer where several queries share them.
    public let keys: Int
    /// Numbers a head.
    public let width: Int
    /// Whether a query sees only what stands before it.
    public let isCausal: Bool
    /// Whether keys and values come from other states than the queries.
    public var isCross = false
  }

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

  /// One of the two stacks of an encoder-decoder.
  public enum Stack: String, Sendable { case encoder, decoder }

  /// The stack it belongs to; nil in a model of one stack, and outside of both.
  public var stack: Stack? { name.split(separator: ".").first.flatMap { Stack(rawValue: String($0)) } }

  /// The parts of the name before its block, the number of the block, and the parts after.
  private var parted: (before: [Substring], layer: Int, after: [Substring])? {
    let parts = name.split(separator: "."), before = stack == nil ? 0 : 1
    guard parts.count > before + 1, parts[before] == "blocks", let layer = Int(parts[before + 1]) else {
      return nil
    }
    return (Array(parts[...before]), layer, Array(parts[(before + 2)...]))
  }

  /// The block it belongs to, counted in its stack; nil outside blocks.
  public var layer: Int? { parted?.layer }

  /// The name of its block: `blocks.0`, `decoder.blocks.0`; nil outside blocks.
  public var block: String? {
    parted.map { ($0.before + ["\($0.layer)"]).joined(separator: ".") }
  }

  /// The name inside its block: `attn.qkv`.
  public var localName: String { parted.map { $0.after.joined(separator: ".") } ?? name }

  /// The name of the same place in another block of its stack; nil outside blocks.
  public func name(inBlock layer: Int) -> String? {
    parted.map { ($0.before + ["\(layer)"] + $0.after).joined(separator: ".") }
  }

  /// The present weight [out, in]; of a part, its own rows.
  public var matrix: Tensor? {
    guard let columns else { return weight?.value }
    return try? weight?.value.slice(axis: 0, columns)
  }

  /// The weight as a run reads it [out, in]; of a part, its own rows.
  public func matrix(_ pass: Pass) throws -> Tensor? {
    guard let columns else { return weight.map(pass.read) }
    return try weight.map(pass.read)?.slice(axis: 0, columns)
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
    return placed.compactMap { runs($0, pass) ? $0.edit : nil }
  }

  /// Whether nothing changes this layer and nobody looks at it.
  public func isPlain(_ pass: Pass) -> Bool { pass.trace == nil && (isQuiet || pass.isBase) }

  // MARK: Running

  /// Runs a layer that reads x and gives y.
  func run(_ x: Tensor, _ pass: Pass, _ layer: (Tensor) throws -> Tensor) throws -> Tensor {
    let outer = pass.place
    pass.place = name
    defer { pass.place = outer }
    if isPlain(pass) { return try layer(x) }
    func input(_ x: Tensor) throws -> Tensor { try edits(pass).reduce(x) { try $1.input?($0, pass) ?? $0 } }
    func output(_ x: Tensor, _ y: Tensor) throws -> Tensor {
      try edits(pass).reduce(y) { try $1.output?(x, $0, pass) ?? $0 }
    }
    let rows = isMixed(pass) ? pass.rows : nil
    let x = try rows.map { try apart([x], $0, pass) { x, _ in try input(x[0]) } } ?? input(x)
    let y = try layer(x)
    pass.trace?.record(self, plain: y)
    let edited =
      try rows.map { try apart([x, y], $0, pass) { xy, _ in try output(xy[0], xy[1]) } } ?? output(x, y)
    pass.trace?.record(self, x, edited)
    return edited
  }

  /// Runs a linear layer, whose low-rank terms and parts the engine handles in the same op.
  func runLinear(_ x: Tensor, _ pass: Pass) throws -> Tensor {
    guard let weight else { throw EngineError.shapes(op: "linear", "\(name) has no weight") }
    let outer = pass.place
    pass.place = name
    defer { pass.place = outer }
    let b = bias.flatMap(pass.readBias)
    if isPlain(pass) { return try x.linear(pass.weight(weight), bias: b, compute: pass.compute) }
    if isMixed(pass), let rows = pass.rows {
      let y = try apart([x], rows, pass) { x, _ in try runLinear(x[0], pass) }
      pass.trace?.record(self, x, y)
      return y
    }
    let edits = edits(pass)
    let w = try edits.reduce(pass.weight(weight)) { try $1.base?($0, pass) ?? $0 }
    let x = try edits.reduce(x) { try $1.input?($0, pass) ?? $0 }
    var terms = try edits.compactMap { try $0.term?(x, pass) }
    for part in parts where !part.readsOtherwise(pass) {
      for edit in part.edits(pass) {
        guard let term = try edit.term?(x, pass) else { continue }
        terms.append(try term.placed(at: part.columns, of: width.out))
      }
    }
    var y = try x.linear(w, bias: b, terms: terms, compute: pass.compute)
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
        let own = try edits.reduce(w.slice(axis: 0, columns)) { try $1.base?($0, pass) ?? $0 }
        var terms = try edits.compactMap { try $0.term?(px, pass) }
        for edit in whole {  // the whole layer's terms reach into this part too
          guard var term = try edit.term?(px, pass) else { continue }
          term.b = try term.b.slice(axis: 0, columns)
          terms.append(term)
        }
        slice = try px.linear(
          own, bias: try b?.slice(axis: 0, columns), terms: terms, compute: pass.compute)
        isChanged = true
      }
      pass.trace?.record(part, plain: slice)
      let edited = try edits.reduce(slice) { try $1.output?(px, $0, pass) ?? $0 }
      isChanged = isChanged || edits.contains { $0.output != nil }
      pass.trace?.record(part, px, edited)
      return edited
    }
    guard isChanged else { return y }
    return try Tensor.joined(slices, at: parts.compactMap(\.columns), axis: axis)
  }
}

extension LowRankTerm {
  /// The term of a part as one of the whole layer of `width` numbers.
  fileprivate func placed(at columns: Columns?, of width: Int) throws -> LowRankTerm {
    var copy = self
    copy.columns = columns?.range
    if let columns, columns.range == nil {  // rows of zeros between
      copy.b = try Tensor.zeros([width, b.width]).replacing(axis: 0, columns, with: b)
    }
    return copy
  }
}
