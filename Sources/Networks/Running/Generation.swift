import Engine
import Options

extension Model {
  /// Continues rows of tokens, or answers them where the model has a decoder of its own, by at most `count`
  /// tokens each, one at a time with cached keys and values.
  ///
  /// Rows may differ in length: shorter ones are padded. A row ends at a stop token (which is kept), at
  /// `count`, or where the context is full. `each` sees every new token by row; when it gives false, or an interrupt
  /// is raised, generation ends and what there is comes back. `attachments` names one for each row, nil for none;
  /// `features` are image tokens that go with the rows.
  public func generate(
    _ rows: [[Int]], count: Int, _ sampling: Sampling = Sampling(), isBase: Bool = false,
    attachments: [String?]? = nil, features: Tensor? = nil, interrupt: Interrupt? = nil,
    each: (_ row: Int, _ token: Int) -> Bool = { _, _ in true }
  ) throws -> [[Int]] {
    let longest = rows.map(\.count).max() ?? 0
    guard longest > 0, rows.allSatisfy({ !$0.isEmpty }) else {
      throw EngineError.shapes(op: "generate", "there is nothing to continue: give at least one token")
    }
    guard network.answers == .positions else {
      throw Failure(
        "this model answers with a class and cannot go on with a text.", cure: "gpt makes one that goes on")
    }
    let chance = Chance(seed: sampling.seed)
    let pass = Pass(isBase: isBase, cache: Cache(), interrupt: interrupt)
    pass.rows = attachments
    /// Filled up on the left; what an encoder reads, on the right, so that distances are as in the row alone.
    func filled<Value>(_ row: [Value], _ value: Value) -> [Value] {
      let rest = [Value](repeating: value, count: longest - row.count)
      return network.start == nil ? rest + row : row + rest
    }
    let padded = rows.map { filled($0, 0) }, real = rows.map { filled($0.map { _ in UInt8(1) }, 0) }
    var next = padded, mask = real
    var out = [[Int]](repeating: [], count: rows.count)
    var isDone = [Bool](repeating: false, count: rows.count)
    let context = size(architecture.sizes.context) ?? Int.max
    let prefix = pass.extraPositions(at: sites.filter { $0.kind == .attention })
    for step in 0..<count {
      if interrupt?.isRaised == true { break }
      var input = Input(next, mask: mask)
      input.features = step == 0 ? features : nil  // pictures stand before the first token
      if let start = network.start {  // the rows are read once, and what is written goes to the decoder
        (input.ids, input.mask) = (padded, real)
        (input.decoderIDs, input.decoderMask) = step == 0 ? (rows.map { _ in [start] }, nil) : (next, mask)
      }
      let logits = try nextLogits(input, pass), width = logits.width, values = logits.scalars
      var isGoing = true
      for row in rows.indices where !isDone[row] {
        let draw = chance.draw(step, purpose: "generate", step: row)
        let token = sampling.choose(values[row * width..<(row + 1) * width], draw: draw)
        out[row].append(token)
        isGoing = each(row, token) && isGoing
        let used = prefix + (pass.cache?.mask[row].reduce(0) { $0 + Int($1) } ?? 0)
        isDone[row] = sampling.stops.contains(token) || used >= context
      }
      if !isGoing || isDone.allSatisfy({ $0 }) { break }
      next = out.map { [$0.last ?? 0] }
      mask = isDone.map { [$0 ? 0 : 1] }  // a row that has ended goes on as padding
    }
    return out
  }
}
