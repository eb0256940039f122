import Engine
import Options

/// How the next token is chosen.
public struct Sampling: Sendable {
  /// 0 chooses the most probable token (greedy); else logits are divided by it.
  public var temperature: Float = 0
  /// Only the k most probable tokens; 0: all.
  public var topK = 0
  /// Only the smallest set of tokens whose probabilities reach p; 1: all. Holtzman et al. 2019, arXiv:1904.09751.
  public var topP: Float = 1
  /// The seed of the draws.
  public var seed: UInt64 = 0
  /// Tokens that end a row.
  public var stops: Set<Int> = []

  /// Greedy.
  public init() {}

  /// Chooses from one row of logits with a draw in [0, 1).
  public func choose(_ logits: [Float], draw: Float) -> Int {
    guard let best = logits.indices.max(by: { logits[$0] < logits[$1] }) else { return 0 }
    if temperature <= 0 || topK == 1 { return best }
    var order = logits.indices.sorted { logits[$0] != logits[$1] ? logits[$0] > logits[$1] : $0 < $1 }
    if topK > 0 { order = Array(order.prefix(topK)) }
    let top = Double(logits[best])
    var weights = order.map { Double.exp((Double(logits[$0]) - top) / Double(temperature)) }
    let whole = weights.reduce(0, +)
    if topP < 1 {
      var sum = 0.0, kept = 0
      while kept < weights.count && (kept == 0 || sum < Double(topP) * whole) {
        sum += weights[kept]
        kept += 1
      }
      weights = Array(weights.prefix(kept))
    }
    var left = Double(draw) * weights.reduce(0, +)
    for (i, weight) in weights.enumerated() {
      left -= weight
      if left < 0 { return order[i] }
    }
    return order[weights.count - 1]
  }
}

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension Double {
  static func exp(_ x: Double) -> Double {
    #if canImport(Glibc)
      return Glibc.exp(x)
    #else
      return Darwin.exp(x)
    #endif
  }
}

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
      let logits = try logits(input, pass)
      let width = logits.width, time = logits.shape[1]
      let values = try logits.slice(axis: 1, time - 1..<time).scalars
      var isGoing = true
      for row in rows.indices where !isDone[row] {
        let scores = Array(values[row * width..<(row + 1) * width])
        let draw = chance.draw(step, purpose: "generate", step: row)
        let token = sampling.choose(scores, draw: draw)
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
