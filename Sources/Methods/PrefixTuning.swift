import Engine
import Networks
import Options

/// Prefix tuning: in every layer, learned keys and values stand before the text's own, and nothing else moves.
/// Li & Liang 2021, arXiv:2101.00190.
///
///     y = attention(q, [Pk ; K], [Pv ; V])        [Pk Pv] = W2·tanh(W1·E + b1) + b2
///
/// E: [n, width]; W1 and b1 are shared, each layer has its own rows of W2 and b2. A plain table of keys and values
/// would do the same, but trains less steadily; the small network between is for training only, and `settle` drops it.
/// Even a prefix of zeros is not nothing: each of its keys has the score 0 and so a share of the softmax.
public struct PrefixTuning: TuningMethod {
  /// What it says of itself.
  public static let card = Card(
    "prefix", "Learns keys and values that stand before the text in every layer.",
    formula: "y = attention(q, [Pk ; K], [Pv ; V])        [Pk Pv] = W2·tanh(W1·E + b1) + b2",
    paper: "Li & Liang 2021, arXiv:2101.00190",
    use:
      "For many tasks on one base: 2·layers·n·width numbers a task are kept. Reaches every layer, as a prompt cannot.",
    examples: [
      "attach prefix n=4", "attach prefix n=4 encoder=none", "settle prefix",
      "attach prefix text=\"eg\" train=no", "attach prefix init=zero",
    ],
    notes: [
      "A prefix is keys and values that no text has made: no weight could hold it.",
      "Numbers trained: (n + hidden)·width + hidden, and (hidden + 1)·2·width a layer; kept: 2·n·width a layer.",
      "hidden=0 is the width of the keys, as in peft; the paper's code has 512 at a width of 1024.",
      "The model's positions begin after the prefix. With text=…, keys and values are those that the frozen model",
      "computes for the text in each layer; train=no keeps them, and the model answers as if it had read the text.",
      "An encoder-decoder has three prefixes, each with a network of its own: for the encoder, for the decoder's own",
      "keys, and for those that it has from the encoder. like=peft has one, of the decoder's own keys, whose block i",
      "reads what is held for block 2i modulo their number: half of it is never read where that number is even.",
      "P-Tuning v2 is the form without the network (encoder=none), with dropout; peft has it so by default.",
    ],
    startsAs: .changed, folds: .impossible, rate: 5e-3)

  /// What makes keys and values while training.
  public enum Encoder: String, CaseIterable, Sendable { case auto, mlp, none }
  /// Whose choices count where the paper's code and peft differ.
  public enum Like: String, CaseIterable, Sendable { case paper, peft }
  /// How it starts.
  public enum Start: String, CaseIterable, Sendable { case random, zero }

  /// How many keys, and as many values, a layer.
  public var n = 5
  /// What makes them: auto is the paper's network, and none with like=peft or for a text.
  public var encoder = Encoder.auto
  /// The network's hidden width; 0: the width of the keys.
  public var hidden = 0
  /// Where they start: E normal with deviation 1 (or the table, without the network), or all of them 0.
  public var `init` = Start.random
  /// The text whose keys and values they start as.
  public var text = ""
  /// Whether they train.
  public var train = true
  /// The share of their numbers hidden while training.
  public var dropout: Float = 0
  /// Whose choices count.
  public var like = Like.paper
  /// The text's keys and values, by attention site.
  private var known: [String: (keys: Tensor, values: Tensor)] = [:]
  /// Whether the model has an encoder and a decoder.
  private var stacks = false
  /// The model's blocks, or its encoder's.
  private var layers = 1

  /// Its options.
  public static var options: [Option<PrefixTuning>] {
    [
      Option("n", \.n, "how many keys and values a layer; with text=, its tokens", in: 1...65_536),
      Option("encoder", \.encoder, "what makes them while training; auto: mlp; none for a text, like=peft"),
      Option("hidden", \.hidden, "hidden width of mlp; 0 is the width of the keys", in: 0...65_536),
      Option("init", \.`init`, "where they start: at random, or all of them at 0"),
      Option("text", \.text, "a text whose keys and values they are, layer by layer"),
      Option("train", \.train, "whether they train; with no, they stay what they are"),
      Option("dropout", \.dropout, "share of their numbers hidden while training", in: 0...0.99),
      Option("like", \.like, "whose choices count where paper and peft differ"),
    ]
  }

  /// Five, made by the paper's network.
  public init() {}

  var hasStacks: Bool { stacks }
  var hasEncoder: Bool { encoder == .mlp || encoder == .auto && like == .paper && text.isEmpty }
  /// They train unless train=no.
  public var isFixed: Bool { !train }

  /// Throws when the model has no attention, or no room.
  public func supports(_ model: Model) throws {
    try Self.checkRoom(n, in: model)
    if !text.isEmpty, encoder == .mlp {
      throw Failure(
        "text= puts keys and values there as they are, and encoder=mlp would make others.",
        cure: "attach prefix text=\"…\"; or encoder=mlp without text")
    }
    if !text.isEmpty, `init` == .zero {
      throw Failure("text= and init=zero contradict each other.", cure: "Leave one of them out.")
    }
  }

  /// Throws when a model has no attention, or no room for n positions more.
  static func checkRoom(_ n: Int, in model: Model) throws {
    guard model.sites.contains(where: { $0.kind == .attention }) else {
      throw Failure(
        "this model has no attention, so there is nothing to put keys before.", cure: "attach lora")
    }
    if let context = model.size(model.architecture.sizes.context), n >= context {
      throw Failure(
        "\(n) positions of a prefix leave no room in a context of \(context).",
        cure: "For example n=\(max(1, context / 4))")
    }
  }

  /// Runs the frozen model on the text and keeps every layer's keys and values.
  public mutating func prepare(_ model: Model) throws {
    (stacks, layers) = (model.network.start != nil, model.size(model.architecture.sizes.layers) ?? 1)
    guard !text.isEmpty else { return }
    guard let words = model.words else {
      throw Failure("text= needs a tokenizer, and this model has none.", cure: "Leave text= out")
    }
    let ids = try words.encode(text)
    guard !ids.isEmpty else {
      throw Failure("text= needs at least one token.", cure: "For example text=\"eg\"")
    }
    guard n == PrefixTuning().n || n == ids.count else {
      throw Failure("n=\(n), but the text has \(ids.count) tokens.", cure: "Leave n= out: the text says it")
    }
    n = ids.count
    try Self.checkRoom(n, in: model)
    let pass = Pass(isBase: true, cache: Cache())
    var input = Input([ids])
    // A decoder of its own has the text's keys as if it had written the text.
    input.decoderIDs = hasStacks ? [ids] : nil
    _ = try model.network.hidden(input, pass)
    for site in model.sites where site.kind == .attention {
      guard let (keys, values) = pass.cache?.keysValues(at: site) else {
        throw Failure("\(site.name) keeps no keys of a text.", cure: "Leave text= out")
      }
      let shape = [n, site.keyWidth]
      known[site.name] = (try keys.reshaped(shape), try values.reshaped(shape))
    }
  }

  /// Keys and values, at attention.
  public func edit(_ site: Site, _ scope: Scope) throws -> Edit? {
    guard isHere(site) else { return nil }
    let name = scope.path, width = site.keyWidth, read = read(at: site)
    guard hasEncoder else {
      let there = known[site.name], start = `init` == .zero ? Networks.Start.zeros : .normal(1)
      let k = try scope.parameter("K", [n, width], there.map { .values($0.keys) } ?? start)
      let v = try scope.parameter("V", [n, width], there.map { .values($0.values) } ?? start)
      return .prefix(n, dropout: dropout, name) { pass in
        (pass.read(scope.known("K", at: read) ?? k), pass.read(scope.known("V", at: read) ?? v))
      }
    }
    let m = hidden > 0 ? hidden : width, network = Self.network(at: site)
    // One network for all layers; an encoder-decoder has three, one for each kind of attention.
    let e = try scope.shared(network + "E", [n, width], .normal(1))
    let inner = Networks.Start.uniform(1 / Float(width).squareRoot())
    let w1 = try scope.shared(network + "W1", [m, width], inner)
    let b1 = try scope.shared(network + "b1", [m], inner)
    let outer = `init` == .zero ? Networks.Start.zeros : .uniform(1 / Float(m).squareRoot())
    let w2 = try scope.parameter("W2", [2 * width, m], outer)
    let b2 = try scope.parameter("b2", [2 * width], outer)
    return .prefix(n, dropout: dropout, name) { pass in
      let h = try pass.once(e.name) { try pass.read(e).linear(pass.read(w1), bias: pass.read(b1)).tanh() }
      let w2 = scope.known("W2", at: read) ?? w2, b2 = scope.known("b2", at: read) ?? b2
      let both = try h.linear(pass.read(w2), bias: pass.read(b2))  // [n, keys and values]
      return (try both.slice(axis: 1, 0..<width), try both.slice(axis: 1, width..<2 * width))
    }
  }

  /// Whether it sits at a place: under like=peft a decoder's own keys alone, where there are others.
  private func isHere(_ site: Site) -> Bool {
    guard site.kind == .attention else { return false }
    return like == .paper || site.stack == nil || site.stack == .decoder && site.heads?.isCross != true
  }

  /// The network of a kind of attention: none in particular in a model of one stack.
  private static func network(at site: Site) -> String {
    site.stack.map { site.heads?.isCross == true ? "cross." : $0.rawValue + "." } ?? ""
  }

  /// The name of the place whose keys and values a place reads: its own, but under like=peft in a decoder.
  private func read(at site: Site) -> String {
    guard like == .peft, site.stack == .decoder, let layer = site.layer else { return site.name }
    return site.name(inBlock: 2 * layer % layers) ?? site.name
  }

  /// Why nothing reads a parameter that `peft` has for a decoder's block.
  public func idle(_ parameter: Parameter, in model: Model) -> String? {
    guard like == .peft, hasStacks else { return nil }
    let held = model.sites.first { isHere($0) && parameter.name.hasPrefix($0.name + ".") }
    guard let held, !model.sites.contains(where: { isHere($0) && read(at: $0) == held.name }) else {
      return nil
    }
    return "block i of the decoder reads what is held for block 2i modulo \(layers), as in peft"
  }

  /// Keys and values as the network makes them now, without the network; zeros where nothing reads them.
  public func settled(_ held: Held) throws -> (method: PrefixTuning, values: [String: Tensor])? {
    guard hasEncoder else { return nil }
    var method = self, values: [String: Tensor] = [:]
    (method.encoder, method.`init`) = (.none, .random)
    let pass = Pass()
    for (site, edit) in held.edits {
      guard let made = try held.keysValues(edit, in: pass) else { continue }
      for leaf in ["K", "V"] where values[held.parameter(leaf, at: site)] == nil {
        values[held.parameter(leaf, at: site)] = .zeros(made.keys.shape)
      }
      values[held.parameter("K", at: read(at: site))] = made.keys
      values[held.parameter("V", at: read(at: site))] = made.values
    }
    return (method, values)
  }

  /// 2·n·width a layer without the network, and with it (hidden + 1)·2·width; the shared part once.
  public func count(at site: Site) -> Int {
    guard isHere(site) else { return 0 }
    let width = site.keyWidth, m = hidden > 0 ? hidden : width
    return hasEncoder ? 2 * width * (m + 1) : 2 * n * width
  }

  /// n·width + hidden·(width + 1) of a network, for all layers together; one for each kind of attention.
  public func sharedCount(at sites: [Site]) -> Int {
    guard hasEncoder else { return 0 }
    let kinds = Dictionary(grouping: sites.filter(isHere), by: Self.network).values.compactMap(\.first)
    return kinds.reduce(0) { sum, site in
      let width = site.keyWidth, m = hidden > 0 ? hidden : width
      return sum + n * width + m * (width + 1)
    }
  }
}
