import Engine
import Networks
import Options

/// PILL: a language model learns to read image tokens, by adapters before its sublayers, an expert for each modality, and
/// a gate that lets image values in. Zhang et al. 2023, arXiv:2311.02126.
///
///     A(h) = U·( silu(G·h) ⊙ (D·h) )        D, G: [m, d], U: [d, m], no biases; U starts at zero
///     n = norm1(x)                           h = x + attn(n + A_attn(n))
///     n = norm2(h)                           y = h + mlp(n + e),  e = A_vision(n) at image tokens, A_text(n) elsewhere
///     g = tanh(W·(n + A_attn(n)))            v ← g·v at image tokens, head by head; W: [heads, d] starts at zero
///
/// Image tokens come from a frozen vision model through a trained projection and stand before the text. The experts are
/// chosen by position, not by a router: on text alone the vision expert has no gradient at all. At the start every gate
/// is shut, so an image gives no value; but its keys still take their share of the softmax, and so the text's own values
/// weigh less. The gate's own gradient is alive, since tanh′(0) = 1.
public struct PILL: TuningMethod, SeeingMethod {
  /// What it says of itself.
  public static let card = Card(
    "pill", "Lets a language model read image tokens: adapters by modality, and a gate for image values.",
    formula: "A(h) = U·(silu(G·h) ⊙ (D·h))        v ← tanh(W·n)·v at image tokens",
    paper:
      "Zhang, Liang, Wu & Yin 2023, arXiv:2311.02126 (Plug Into LLM with Adapter Expert and Attention Gate)",
    use:
      "To plug pictures into a language model that stays frozen. For text alone, adapter or lora do the same for less.",
    examples: [
      "task +1,+2,+3,-1 pictures=yes", "attach pill", "attach pill m=8 stage=align", "show gate",
    ],
    notes: [
      "Nonlinear and by position: no weight could hold it, so it cannot be merged.",
      "Numbers trained: blocks·(9·d·m + heads·d) + d·features, three GLU adapters and a gate a block.",
      "Tutorials list “PILL (Pluggable Instruction Language Learning)”, inserting trainable modules or plug-ins.",
      "No paper has that name; the published PILL is this one, so name and expansion differ.",
      "The last block's vision expert is in the paper's count, but nothing reads what it gives: its gradient is 0.",
      "stage=align is the first of the paper's two stages: vision experts and projection alone, no gate.",
      "like=repo is the authors' code: while aligning, the last block sends text through its vision expert.",
      "layers= leaves out the projection too, and then no image token enters.",
    ],
    startsAs: .changed, folds: .impossible, rate: 5e-3)

  /// Which of the paper's two stages.
  public enum Stage: String, CaseIterable, Sendable { case align, all }
  /// Whom to follow where they differ.
  public enum Like: String, CaseIterable, Sendable { case paper, repo }

  /// Numbers inside an adapter.
  public var m = 32
  /// Numbers of an image token, as the vision model gives them.
  public var features = 64
  /// Which parts are there.
  public var stage = Stage.all
  /// Whom to follow.
  public var like = Like.paper
  private var heads = 1
  private var layers = 0

  /// Its options.
  public static var options: [Option<PILL>] {
    [
      Option("m", \.m, "numbers inside an adapter", in: 1...65_536),
      Option("features", \.features, "numbers of an image token", in: 1...65_536),
      Option("stage", \.stage, "align: vision experts and projection alone; all: everything"),
      Option("like", \.like, "whom to follow where the authors' code differs from the paper"),
    ]
  }

  /// With the paper's m = 32.
  public init() {}

  /// Throws where there is no text, no room before it, or no norm before the sublayers.
  public func supports(_ model: Model) throws {
    guard model.network.start == nil else {
      throw Failure(
        "pill puts pictures before the text that a decoder goes on with, and this one has an encoder that reads.",
        cure: "For example let m = gpt base=reviews")
    }
    let names = Set(model.sites.map(\.localName)), reads = model.network.reads == .tokens
    let isPre =
      names.isSuperset(of: ["norm1", "norm2", "attn.v"]) && model.sites.allSatisfy { $0.normAfter == nil }
    guard reads, isPre, model.sites.contains(where: { $0.kind == .entry }) else {
      throw Failure(
        reads
          ? "pill sits on the norms before a block's sublayers, and this model has none there."
          : "pill teaches a language model to see, and this model reads pictures already.",
        cure: "For example let m = gpt base=reviews")
    }
  }

  /// Learns how many heads and blocks there are.
  public mutating func prepare(_ model: Model) throws {
    heads = model.sites.first { $0.kind == .attention }?.heads?.keys ?? 1
    layers = model.layers
  }

  /// Adapters at the norms, a gate at the values, the projection at the entry.
  public func edit(_ site: Site, _ scope: Scope) throws -> Edit? {
    switch site.localName {
    case "norm1" where stage == .all: return before(try GLUAdapter(scope, site.width.out, m))
    case "norm2": return try experts(site, scope)
    case "attn.v" where stage == .all: return try gate(site, scope)
    default: return site.kind == .entry ? try entry(site, scope) : nil
    }
  }

  /// n → n + A(n)
  private func before(_ adapter: GLUAdapter) -> Edit {
    var edit = Edit()
    edit.output = { _, n, pass in try n + adapter(n, pass) }
    return edit
  }

  /// n → n + A_vision(n) at image tokens, n + A_text(n) elsewhere
  private func experts(_ site: Site, _ scope: Scope) throws -> Edit {
    let vision = try GLUAdapter(scope.child("vision"), site.width.out, m)
    let text = stage == .all ? try GLUAdapter(scope.child("text"), site.width.out, m) : nil
    let isExchanged = like == .repo && stage == .align && site.layer == layers - 1
    var edit = Edit()
    edit.output = { _, n, pass in
      func added(_ adapter: GLUAdapter?, _ n: Tensor) throws -> Tensor {
        try adapter.map { try n + $0(n, pass) } ?? n
      }
      let known = pass.kinds
      guard let kinds = isExchanged ? known?.exchanged : known else {
        return try added(isExchanged ? vision : text, n)  // text alone
      }
      return try kinds.route(n, images: { try added(vision, $0) }, texts: { try added(text, $0) })
    }
    return edit
  }

  /// v → g·v at image tokens; what the values read is n + A_attn(n).
  private func gate(_ site: Site, _ scope: Scope) throws -> Edit {
    let w = try scope.parameter("gate", [heads, site.width.in], .zeros)
    var edit = Edit()
    edit.output = { n, v, pass in
      guard let kinds = pass.kinds else { return v }
      let image = try kinds.mask  // [batch, time, 1]
      let open = try Self.opening(n, pass.read(w))  // [batch, time, heads]
      let factor = try open * image + image.scaled(by: -1).shifted(by: 1)  // text: exactly 1
      let shape = v.shape
      let byHead = try v.reshaped(Array(shape.dropLast()) + [w.shape[0], v.width / w.shape[0]])
      return try (byHead * factor.reshaped(factor.shape + [1])).reshaped(shape)
    }
    return edit
  }

  /// g = tanh(W·n)
  private static func opening(_ n: Tensor, _ w: Tensor) throws -> Tensor { try n.linear(w).tanh() }

  /// Image tokens, projected, before the text.
  private func entry(_ site: Site, _ scope: Scope) throws -> Edit {
    let projection = try scope.parameter("projection", [site.width.out, features], .normal(0.02))
    let width = features
    var edit = Edit()
    edit.sequence = { sequence, pass in
      guard let seen = pass.features, seen.shape[0] == sequence.embeddings.shape[0] else { return sequence }
      guard seen.width == width else {
        throw Failure(
          "these pictures have image tokens of \(seen.width) numbers, and pill was attached for \(width).",
          cure: "detach pill; attach pill features=\(seen.width)")
      }
      return try sequence.prepending(seen.linear(pass.read(projection)), as: Sequence.image)
    }
    return edit
  }

  /// 3·d·m an adapter, heads·d a gate, d·features once.
  public func count(at site: Site) -> Int {
    let adapter = 3 * site.width.out * m
    switch site.localName {
    case "norm1" where stage == .all: return adapter
    case "norm2": return stage == .all ? 2 * adapter : adapter
    case "attn.v" where stage == .all: return heads * site.width.in
    default: return site.kind == .entry ? site.width.out * features : 0
    }
  }

  /// The last block's vision expert: no later layer reads the states of image tokens.
  public func idle(_ parameter: Parameter, in model: Model) -> String? {
    let isLast = parameter.name.hasPrefix("blocks.\(model.layers - 1).norm2.")
    guard isLast, parameter.name.contains(".vision."), like == .paper || stage == .all else { return nil }
    return "nothing reads the states of image tokens after the last block"
  }

  /// The gate of a block, where the site is its values and the attachment has one.
  public func gate(_ site: Site, of attachment: Attachment, reading n: Tensor) throws -> Tensor? {
    let name = "\(site.name).\(attachment.name).gate"
    guard let w = attachment.parameters.first(where: { $0.name == name }) else { return nil }
    return try Self.opening(n, w.value)
  }
}

/// A(h) = U·( silu(G·h) ⊙ (D·h) ), a small feed-forward layer with a gate: nothing at the start, since U is zero.
private struct GLUAdapter {
  let down: Parameter, gate: Parameter, up: Parameter

  init(_ scope: Scope, _ width: Int, _ m: Int) throws {
    down = try scope.parameter("D", [m, width], .normal(0.02))
    gate = try scope.parameter("G", [m, width], .uniform(1 / Float(width).squareRoot()))
    up = try scope.parameter("U", [width, m], .zeros)
  }

  func callAsFunction(_ h: Tensor, _ pass: Pass) throws -> Tensor {
    try (h.linear(pass.read(gate)).silu() * h.linear(pass.read(down))).linear(pass.read(up))
  }
}
