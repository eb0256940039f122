import Engine
import Networks
import Options

/// P-tuning: a small network makes the vectors that stand before the text, or in places inside it.
/// Liu et al. 2021, arXiv:2103.10385.
///
///     P = L2·relu(L1·BiLSTM(E))        or        P = L3·relu(L2·relu(L1·E))        E: [n, width]
///
/// Vectors that train by themselves are each on their own; through the LSTM each one depends on all of E, so they move
/// together. P does not depend on the text: it is the same for every input, and once training is over `settle` keeps
/// P and drops the network. Where a template has places `{prompt}`, the n vectors are shared out among them.
public struct PTuning: TuningMethod {
  /// What it says of itself.
  public static let card = Card(
    "ptuning", "Learns vectors before or inside the text, made by a small network.",
    formula: "P = L2·relu(L1·BiLSTM(E))   or   P = L3·relu(L2·relu(L1·E))        E: [n, width]",
    paper: "Liu et al. 2021, arXiv:2103.10385",
    use:
      "Where a prompt trains unsteadily, or shall stand inside a template. Only n·width numbers are kept.",
    examples: [
      "attach ptuning n=6", "attach ptuning encoder=mlp hidden=32", "settle ptuning",
      "attach ptuning as=second share=ptuning",
    ],
    notes: [
      "Vectors in the text, so no weight could hold them.",
      "Numbers trained: n·width of E, and the network's: show params has them. Kept after settle: n·width.",
      "auto is lstm with like=paper and mlp with like=peft. hidden=0 is half the width for the paper's LSTM, in each",
      "direction, and the width for all others. peft's MLP always has two hidden layers and no dropout; with",
      "like=paper it has depth= of them, with dropout.",
      "share=NAME uses the network of another ptuning: several tasks train one network, each with an E of its own.",
    ],
    startsAs: .changed, folds: .impossible, rate: 5e-3)

  /// What makes the vectors.
  public enum Encoder: String, CaseIterable, Sendable { case auto, lstm, mlp, none }
  /// Whose choices count where the paper's code and peft differ.
  public enum Like: String, CaseIterable, Sendable { case paper, peft }

  /// How many vectors.
  public var n = 8
  /// What makes them.
  public var encoder = Encoder.auto
  /// The network's hidden width; 0: as the paper or peft has it.
  public var hidden = 0
  /// Layers of the LSTM, or hidden layers of the MLP.
  public var layers = 2
  /// The share of numbers hidden between layers while training.
  public var dropout: Float = 0
  /// The attachment whose network is used too; empty: one of its own.
  public var share = ""
  /// Whose choices count.
  public var like = Like.paper

  /// Its options.
  public static var options: [Option<PTuning>] {
    [
      Option("n", \.n, "how many vectors (virtual tokens)", in: 1...65_536),
      Option("encoder", \.encoder, "what makes them; none: they train by themselves"),
      Option("hidden", \.hidden, "the network's hidden width; 0 is as like= has it", in: 0...65_536),
      Option("depth", \.layers, "layers of the LSTM, or hidden layers of the MLP", in: 1...16),
      Option("dropout", \.dropout, "share hidden between layers while training", in: 0...0.99),
      Option("share", \.share, "another ptuning whose network is used"),
      Option("like", \.like, "whose choices count where paper and peft differ"),
    ]
  }

  /// Eight, made by the paper's network.
  public init() {}

  private var kind: Encoder { encoder != .auto ? encoder : like == .paper ? .lstm : .mlp }
  /// Whose network it uses.
  public var lender: String? { share.isEmpty ? nil : share }

  /// Throws when the model reads no tokens, or has no room, or options contradict each other.
  public func supports(_ model: Model) throws {
    var prompt = PromptTuning()
    prompt.n = n
    try prompt.supports(model)
    if kind == .none, !share.isEmpty {
      throw Failure(
        "share=\(share) uses a network, and encoder=none has none.", cure: "Leave one of them out.")
    }
  }

  /// The vectors, at the entry.
  public func edit(_ site: Site, _ scope: Scope) throws -> Edit? {
    guard site.kind == .entry else { return nil }
    let width = site.width.out, rows = rows(at: site), n = n
    let e = try scope.parameter(kind == .none ? "P" : "E", [rows, width], .normal(1))
    let encode: Encode
    switch kind {
    case .none: encode = { e, _ in e }
    case .mlp: encode = try mlp(width, scope)
    default: encode = try lstm(width, scope)
    }
    let isReadFromFirst = like == .peft  // BERT's pooler then reads a vector of the prompt
    var edit = Edit()
    edit.sequence = { sequence, pass in
      if let cache = pass.cache, cache.length > 0 { return sequence }  // before the first token only
      let vectors = try encode(pass.read(e), pass)
      var longer = try sequence.filling(rows > n ? vectors.slice(axis: 0, 0..<n) : vectors)
      longer.isReadFromFirst = longer.isReadFromFirst || isReadFromFirst
      return longer
    }
    return edit
  }

  /// How many vectors are made: before an encoder `peft` makes as many again, which nothing reads.
  private func rows(at site: Site) -> Int { like == .peft && site.stack != nil ? 2 * n : n }

  private typealias Encode = (_ e: Tensor, Pass) throws -> Tensor

  /// Hidden layers with relu, and one back to the model's width.
  private func mlp(_ width: Int, _ scope: Scope) throws -> Encode {
    try feedForward(sizes(width), like == .paper ? dropout : 0, scope)
  }

  private func sizes(_ width: Int) -> [Int] {
    [width] + Array(repeating: hiddenWidth(width), count: like == .paper ? layers : 2) + [width]
  }

  /// A bidirectional LSTM over the n rows of E as one sequence, a hidden layer with relu, and one to the model's width.
  private func lstm(_ width: Int, _ scope: Scope) throws -> Encode {
    let m = hiddenWidth(width), start = Start.uniform(1 / Float(m).squareRoot()), dropout = dropout
    let all = try (0..<layers).map { layer in
      try ["", "_reverse"].map { way in
        let name = "l\(layer)\(way)", into = layer == 0 ? width : 2 * m
        return (
          input: try scope.lent("weight_ih_" + name, [4 * m, into], start),
          past: try scope.lent("weight_hh_" + name, [4 * m, m], start),
          biases: try ["ih_", "hh_"].map { try scope.lent("bias_" + $0 + name, [4 * m], start) }
        )
      }
    }
    let head = try feedForward([2 * m, 2 * m, width], 0, scope), name = scope.path
    return { e, pass in
      var x = e
      for (layer, ways) in all.enumerated() {
        let read = try ways.enumerated().map { way, weights in
          let gates = try x.linear(pass.read(weights.input), bias: pass.read(weights.biases[0]))
          return try (gates + pass.read(weights.biases[1])).lstm(pass.read(weights.past), reversed: way == 1)
        }
        x = try Tensor.concat(read, axis: 1)  // [n, 2·hidden]
        if layer < all.count - 1 { x = try pass.dropout(x, dropout, "\(name).\(layer)") }
      }
      return try head(x, pass)
    }
  }

  /// Linear layers with relu, and dropout where there is some, between them.
  private func feedForward(_ sizes: [Int], _ dropout: Float, _ scope: Scope) throws -> Encode {
    let all = try (1..<sizes.count).map { i in
      let start = Start.uniform(1 / Float(sizes[i - 1]).squareRoot())
      return (
        try scope.lent("W\(i)", [sizes[i], sizes[i - 1]], start), try scope.lent("b\(i)", [sizes[i]], start)
      )
    }
    let name = scope.path
    return { x, pass in
      var x = x
      for (i, (w, b)) in all.enumerated() {
        x = try x.linear(pass.read(w), bias: pass.read(b))
        if i < all.count - 1 { x = try pass.dropout(x.relu(), dropout, "\(name).mlp.\(i)") }
      }
      return x
    }
  }

  private func hiddenWidth(_ width: Int) -> Int {
    if hidden > 0 { return hidden }
    return like == .paper && kind == .lstm ? max(1, width / 2) : width
  }

  /// P as the network makes it now, without the network.
  public func settled(_ held: Held) throws -> (method: PTuning, values: [String: Tensor])? {
    guard kind != .none else { return nil }
    var method = self, values: [String: Tensor] = [:]
    (method.encoder, method.share) = (.none, "")
    for (site, edit) in held.edits {
      let width = site.width.out, rest = rows(at: site) - n
      guard let read = try held.vectors(edit, width: width, in: Pass()) else { continue }
      values[held.parameter("P", at: site)] =
        rest == 0 ? read : try Tensor.concat([read, .zeros([rest, width])], axis: 0)
    }
    return (method, values)
  }

  /// n·width of E, and the network unless another lends it.
  public func count(at site: Site) -> Int {
    guard site.kind == .entry else { return 0 }
    let width = site.width.out, m = hiddenWidth(width), n = rows(at: site)
    func dense(_ sizes: [Int]) -> Int { zip(sizes, sizes.dropFirst()).reduce(0) { $0 + ($1.0 + 1) * $1.1 } }
    guard share.isEmpty else { return n * width }
    switch kind {
    case .none: return n * width
    case .mlp: return n * width + dense(sizes(width))
    default:
      let ways = (0..<layers).reduce(0) { $0 + 2 * 4 * m * (($1 == 0 ? width : 2 * m) + m + 2) }
      return n * width + ways + dense([2 * m, 2 * m, width])
    }
  }
}
