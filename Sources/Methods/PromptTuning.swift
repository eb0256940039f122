import Engine
import Networks
import Options

/// Prompt tuning: learned vectors stand before the text, and nothing else moves. Lester et al. 2021, arXiv:2104.08691.
///
///     x = [P ; embed[ids]]        P: [n, width], trained; the model frozen
///
/// The vectors live where word embeddings live, but need not be words. Exactly one tensor has a gradient: it flows
/// back through every frozen layer and stops at P. Starting from real words (init=vocab or text) begins near what the
/// model knows; a random start draws U(±½) in the paper and N(0, 1) in peft, far longer than any trained word's vector.
public struct PromptTuning: TuningMethod {
  /// What it says of itself.
  public static let card = Card(
    "prompt", "Learns vectors that stand before the text.",
    formula: "x = [P ; embed[ids]]        P: [n, width]",
    paper: "Lester, Al-Rfou & Constant 2021, arXiv:2104.08691",
    use:
      "For large models and many tasks: n·width numbers a task. Small bases gain little from it, as the paper shows.",
    examples: ["attach prompt n=8", "attach prompt text=\"this is\"", "lr 0.3"],
    notes: [
      "A prompt stands before the text, so no weight could hold it.",
      "Numbers trained: n·width. The paper's rate is 0.3 (Adafactor); a rate for LoRA barely moves it.",
      "On an encoder-decoder the vectors stand before what the encoder reads; peft keeps n more that nothing reads.",
      "init=random draws from U(±0.5), and with like=peft from N(0, 1), peft's default; init=vocab copies random",
      "words; text=… copies the words of a text, repeated or cut to n. show prompt compares them with the vocabulary.",
    ],
    startsAs: .changed, folds: .impossible, rate: 0.03)

  /// Where the vectors start.
  public enum Start: String, CaseIterable, Sendable { case random, vocab, text }
  /// Whose choices count where paper and peft differ.
  public enum Like: String, CaseIterable, Sendable { case paper, peft }

  /// How many vectors.
  public var n = 8
  /// Where they start.
  public var `init` = Start.random
  /// The words they start as; setting it means init=text.
  public var text = ""
  /// Whose choices count.
  public var like = Like.paper
  private var words: [Int] = []

  /// Its options.
  public static var options: [Option<PromptTuning>] {
    [
      Option("n", \.n, "how many vectors (virtual tokens)", in: 1...65_536),
      Option("init", \.`init`, "where they start: at random, as words drawn from the vocabulary, or text="),
      Option("text", \.text, "words they start as"),
      Option("like", \.like, "the paper's U(±0.5), peft's N(0, 1) and BERT's pooler on P"),
    ]
  }

  /// Eight vectors, drawn at random.
  public init() {}

  /// Throws when the model reads no tokens, or has no room.
  public func supports(_ model: Model) throws {
    guard model.sites.contains(where: { $0.kind == .entry }) else {
      throw Failure("this model has no entry for vectors.", cure: "Try: attach lora")
    }
    guard `init` == .random || model.site("embed") != nil else {
      throw Failure("this model reads no words that vectors could start from.", cure: "Use init=random")
    }
    if let context = model.size(model.architecture.sizes.context), n >= context {
      throw Failure(
        "\(n) vectors leave no room in a context of \(context).", cure: "For example n=\(max(1, context / 4))"
      )
    }
  }

  /// Turns the initial text into words of the model.
  public mutating func prepare(_ model: Model) throws {
    if !text.isEmpty {
      guard `init` != .vocab else {
        throw Failure("text= and init=vocab contradict each other.", cure: "Leave one of them out.")
      }
      `init` = .text
    }
    guard `init` == .text else { return }
    guard let known = model.words else {
      throw Failure("init=text needs a tokenizer, and this model has none.", cure: "Use init=vocab")
    }
    words = try known.encode(text)
    guard !words.isEmpty else {
      throw Failure("init=text needs words to start from.", cure: "For example text=\"good or bad\"")
    }
  }

  /// The vectors, at the entry.
  public func edit(_ site: Site, _ scope: Scope) throws -> Edit? {
    guard site.kind == .entry else { return nil }
    let rows = rows(at: site), n = n
    let p = try scope.parameter("P", [rows, site.width.out], first(scope, rows))
    let isReadFromFirst = like == .peft
    var edit = Edit()
    edit.sequence = { sequence, pass in
      if let cache = pass.cache, cache.length > 0 { return sequence }  // before the first token only
      let vectors = pass.read(p)
      var longer = try sequence.prepending(rows > n ? vectors.slice(axis: 0, 0..<n) : vectors)
      longer.isReadFromFirst = longer.isReadFromFirst || isReadFromFirst
      return longer
    }
    return edit
  }

  /// How many vectors are held: before an encoder `peft` keeps as many again, which nothing reads.
  func rows(at site: Site) -> Int { like == .peft && site.stack != nil ? 2 * n : n }

  private func first(_ scope: Scope, _ n: Int) throws -> Networks.Start {
    guard `init` != .random, let table = scope.table else {
      return like == .paper ? .uniform(0.5) : .normal(1)
    }
    let ids: [Int]
    switch `init` {
    case .text: ids = (0..<n).map { words[$0 % words.count] }
    default: ids = (0..<n).map { Int(scope.chance.draw($0, purpose: "prompt words") * Float(table.shape[0])) }
    }
    return .values(try table.gather(ids))
  }

  /// n·width, once; under like=peft twice that before an encoder.
  public func count(at site: Site) -> Int { site.kind == .entry ? rows(at: site) * site.width.out : 0 }
}
