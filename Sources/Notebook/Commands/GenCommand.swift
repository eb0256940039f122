import Data
import Engine
import Events
import Networks
import Options

/// `gen`: the model goes on from a text.
public struct GenCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "gen", "Lets the model go on from a text, or answer it, token by token.",
    formula: "p = softmax(logits / temperature); temperature 0 takes the most probable token",
    use:
      "It ends after n tokens, at the end of a text, or in a full context. Ctrl-C keeps what there is.",
    examples: [
      "gen \"eg\"", "gen \"the film\" n=30 temperature=0.8 top-p=0.9 seed=2", "gen \"eg\" base",
      "gen \"eg\" with=a,b,base", "gen picture=0", "gen \"Who are you?\" chat n=60",
    ],
    notes: [
      "with=a,b,base runs one batch in which each row has its own attachment, and shows the rows side by side.",
      "picture=3 shows it the data's held-out picture 3, and asks what the data asks unless a text is given.",
      "top-k and top-p choose among the most probable tokens only (Holtzman et al. 2019, arXiv:1904.09751).",
    ])

  /// The most new tokens; 0: half the context.
  public var n = 0
  /// How widely tokens are drawn.
  public var temperature: Float = 0
  /// Only so many tokens.
  public var k = 0
  /// Only the tokens that together reach this probability.
  public var p: Float = 1
  /// The seed of the draws.
  public var seed = 0
  /// Whether attachments are left out.
  public var base = false
  /// An attachment for each row of a batch; `base`: none.
  public var with: [String] = []
  /// The number of a held-out picture; empty: none.
  public var picture: [Int] = []
  /// Whether the text is the user's turn of a talk.
  public var chat = false
  /// What was typed.
  public var call = Call()

  /// Its options.
  public static var options: [Option<GenCommand>] {
    [
      Option("n", \.n, "the most new tokens; 0 is half the context", in: 0...100_000),
      Option(
        "temperature", \.temperature, "how widely tokens are drawn; 0 takes the most probable", in: 0...100),
      Option("top-k", \.k, "draw among the k most probable tokens; 0 is all"),
      Option("top-p", \.p, "draw among the tokens that together reach p", in: 0...1),
      Option("seed", \.seed, "seed of the draws"), Option("base", \.base, "leave attachments out"),
      Option("chat", \.chat, "the text is your turn of a talk, written as the model's makers do"),
      Option("with", \.with, "a row for each of these attachments, in one batch; base is none"),
      Option("picture", \.picture, "a held-out picture of the data that it is to look at, by its number"),
    ]
  }
  /// The text.
  public static var takes: Takes { Takes("\"TEXT\"", 0...1) }

  /// The most probable tokens, half the context.
  public init() {}

  /// Generates and shows the text.
  public func run(_ session: Session) throws -> Done {
    let subject = try session.current(), tokenizer = subject.tokenizer
    if chat { return try talk(call.text(0) ?? "", subject, session) }
    let looked = try picture.first.map { try HeldOutPicture($0, of: subject) }
    looked?.show(session, subject)
    guard let text = call.text(0) ?? looked.map({ tokenizer.decode($0.prompt) }) else {
      throw Failure("gen goes on from a text.", cure: "gen \"eg\"")
    }
    let start = text.isEmpty ? tokenizer.endOfText.map { [$0] } : nil
    let ids = try start ?? subject.tokens(text, at: call.places.first)
    let context = subject.model.size(subject.model.architecture.sizes.context) ?? 64
    let most = n > 0 ? n : max(1, context / 2)
    if !with.isEmpty { return try rows(ids, most, looked, subject, session) }
    var new = try generate([ids], most, looked, subject, session).first ?? []
    let made = new.count, isEnded = new.last == tokenizer.endOfText && made > 0
    if isEnded { new.removeLast() }
    if subject.model.network.start != nil {
      session.say("“" + .strong(tokenizer.decode(new)) + "”")
    } else {
      let lead = tokenizer.around.before.count
      sayWhole(text, start == nil ? Array(ids.dropFirst(lead)) : [], new, tokenizer, session)
    }
    if isEnded {
      session.say(.dim("the text ends here: the model gave its end-of-text token"))
    } else if made < most {
      let reason = session.interrupt.isRaised ? "stopped" : "the context of \(context) tokens is full"
      session.say(.dim("\(reason) after \(made) of \(most) tokens"))
    }
    return .unrecorded
  }

  /// The answer to the user's turn.
  private func talk(_ text: String, _ subject: Subject, _ session: Session) throws -> Done {
    guard let tokenizer = subject.tokenizer as? PipelineTokenizer else {
      throw Failure("the model has no chat template.", cure: "Write the talk as plain text: gen \"…\"")
    }
    let ids = try tokenizer.encode(tokenizer.talk([ChatMessage("user", text)]))
    let context = subject.model.size(subject.model.architecture.sizes.context) ?? 64
    guard ids.count < context else {
      throw Failure("the talk has \(ids.count) tokens; the model's context is \(context).", cure: "Say less.")
    }
    let new = try generate([ids], n > 0 ? n : max(1, context / 2), nil, subject, session).first ?? []
    session.say(.strong(tokenizer.decode(new.filter { $0 != tokenizer.endOfText })))
    return .unrecorded
  }

  /// The text with what goes on from it; the prompt stands apart where the text begins with it: a tokenizer may write
  /// it otherwise.
  private func sayWhole(
    _ text: String, _ ids: [Int], _ new: [Int], _ tokenizer: any Tokenizer, _ session: Session
  ) {
    let all = tokenizer.decode(ids + new), isWhole = all.hasPrefix(text)
    let shown = isWhole ? StyledText(text) + .strong(String(all.dropFirst(text.count))) : StyledText(all)
    session.say("“" + shown + "”")
  }

  /// One batch, each row with its own attachment.
  private func rows(
    _ ids: [Int], _ most: Int, _ looked: HeldOutPicture?, _ subject: Subject, _ session: Session
  ) throws -> Done {
    let all = try generate(with.map { _ in ids }, most, looked, subject, session)
    for (name, new) in zip(with, all) {
      let read = subject.model.network.start == nil ? ids : []
      let text = subject.tokenizer.decode(read + new.filter { $0 != subject.tokenizer.endOfText })
      session.say(.strong(name) + "   “" + StyledText(text) + "”")
    }
    return .unrecorded
  }

  private func generate(
    _ prompts: [[Int]], _ most: Int, _ looked: HeldOutPicture?, _ subject: Subject, _ session: Session
  ) throws -> [[Int]] {
    var sampling = Sampling()
    (sampling.temperature, sampling.topK, sampling.topP) = (temperature, k, p)
    sampling.seed = UInt64(seed)
    sampling.stops = Set(subject.tokenizer.endOfText.map { [$0] } ?? [])
    let clock = ContinuousClock(), began = clock.now
    var made = 0, told = 0, written: [Int] = []
    let names = with.isEmpty ? nil : with.map { $0 == "base" ? nil : $0 }
    let features = try looked.map { seen in try Tensor.concat(prompts.map { _ in seen.features }, axis: 0) }
    return try subject.model.generate(
      prompts, count: most, sampling, isBase: base, attachments: names, features: features,
      interrupt: session.interrupt
    ) { row, token in
      guard row == 0 else { return true }  // of several rows the first stands for all
      made += 1
      if session.isLive { written.append(token) }
      let spent = Training.seconds(clock.now - began)
      // Off a moving line, three times a second is enough; on one, the first token shows at once.
      let tick = session.isLive ? Int(spent * 20) + 1 : Int(spent * 3)
      if tick != told {
        told = tick
        let rate = Double(made) / spent, text = sofar(written, subject)
        session.emit(
          .progress(ProgressLine(made, of: most, unit: "token", rate: rate, elapsed: spent, text: text)))
      }
      return true
    }
  }

  /// What the tokens say so far; a letter of which only some bytes are there waits for the others.
  private func sofar(_ tokens: [Int], _ subject: Subject) -> String {
    let text = subject.tokenizer.decode(tokens.filter { $0 != subject.tokenizer.endOfText })
    return text.hasSuffix("\u{FFFD}") ? String(text.dropLast()) : text
  }
}
