import Data
import Events
import Options
import Training

/// `judge`: somebody else's opinion on the pairs: how far it is the people's, and what it does for labels.
public struct JudgeCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "judge",
    "Asks a judge about the pairs in both orders, compares it with people, and may let it label them.",
    formula: """
      κ = (p_o − p_e)/(1 − p_e)        soft label = mean over both orders of P(better)
      P(first) = σ(sharpness·(r(first) − r(second)) + bias + noise·N(0, 1))
      """,
    use:
      "RLAIF: label=soft puts the judge's word in the place of the raters'; trainer reward or dpo learns from it.",
    examples: [
      "judge letters aeiou", "judge letters aeiou noise=2 bias=4", "judge lexicon label=soft",
      "judge model r", "judge asks m labels=\" positive\",\" negative\"", "judge compares m label=consistent",
      "judge similarity e toward=\"warm and pleased\" away=\"cold and bitter\" sharpness=20",
    ],
    notes: [
      "agreement and kappa are of a judge that was asked once, in an order drawn by chance; swapped of both orders.",
      "first: how often what is shown first wins; consistent: the same verdict in both orders; steady: agreement there.",
      "asks reads each answer by itself, compares both in one prompt with {first} and {second}: Lee et al. 2023,",
      "arXiv:2309.00267. Held-out pairs keep the people's labels.",
      "similarity goes by which text is nearer to a description: see embed, reward similarity.",
    ], changes: true)

  /// What becomes of the labels.
  enum Label: String, CaseIterable { case people, soft, hard, consistent }

  /// How much a difference of rewards weighs.
  public var sharpness: Float = 6
  /// How much being shown first weighs.
  public var bias: Float = 0
  /// How much the judge errs.
  public var noise: Float = 0
  /// The seed of errors and orders.
  public var seed = 1
  /// The most pairs that are compared; 0: all.
  public var n = 0
  /// What becomes of the labels.
  var label = Label.people
  /// What a model is asked.
  public var template = ""
  /// The two answers of a model that is asked.
  public var labels: [String] = []
  /// Words that count against an answer.
  public var against: [String] = []
  /// Whether a model is asked in a talk.
  public var chat = false
  /// What an answer shall be near to, and far from.
  public var toward = "", away = ""
  /// What was typed.
  public var call = Call()

  /// Its options.
  public static var options: [Option<JudgeCommand>] {
    [
      Option("sharpness", \.sharpness, "how much a difference of rewards weighs", in: 0...1e6),
      Option("bias", \.bias, "how much being shown first weighs", in: -1e6...1e6),
      Option("noise", \.noise, "how much the judge errs", in: 0...1e6),
      Option("seed", \.seed, "seed of errors and orders", in: 0...1_000_000_000),
      Option("n", \.n, "the most pairs that are compared; 0 is all", in: 0...10_000_000),
      Option(
        "label", \.label,
        "whose labels are learnt: people's, the judge's soft or hard, or where it is consistent"),
      Option("template", \.template, "what a model is asked, with {text}, or {first} and {second}"),
      Option("labels", \.labels, "the two answers of a model that is asked"),
      Option("chat", \.chat, "the question is the user's turn of a talk with the model"),
      Option("against", \.against, "for words: those worth −1"),
      Option("toward", \.toward, "for similarity: what the better answer is nearer to"),
      Option("away", \.away, "for similarity: what the worse one is nearer to"),
    ]
  }
  /// Who.
  public static var takes: Takes {
    Takes(
      "letters LETTERS | words WORDS | lexicon | model NAME | asks NAME | compares NAME | similarity NAME",
      1...2
    ) { before, session in
      before.isEmpty
        ? kinds
        : ["model", "asks", "compares", "similarity"].contains(before[0]) ? session.models.map(\.name) : []
    }
  }

  private static let kinds = ["letters", "words", "lexicon", "model", "asks", "compares", "similarity"]

  /// Nobody yet.
  public init() {}

  /// Asks.
  public func run(_ session: Session) throws -> Done {
    let subject = try session.current()
    guard let source = subject.source as? PairBatches else {
      throw Failure("there are no pairs to judge.", cure: "data pairs FILE, or data pairs letters")
    }
    let judge = try judge(session), all = source.training
    let compared = Array((source.heldOut.isEmpty ? all : source.heldOut).prefix(n > 0 ? n : .max))
    let judgement = try Judgement(judge, compared, seed: UInt64(seed))
    subject.trainer.state.judged = judgement.figures
    session.say(.dim("on \(counted(compared.count, "pair")) that are held out"))
    session.show(judgement.figures)
    guard label != .people else { return Done() }
    var own = try Judgement(judge, all, seed: UInt64(seed))
    if label == .hard {
      func hard(_ p: [Double]) -> [Double] { zip(p, own.both).map { $1 > 0.5 ? 1 : 0 } }
      own = Judgement(
        isChosenFirst: own.isChosenFirst, shownFirst: hard(own.shownFirst),
        shownSecond: hard(own.shownSecond),
        agreement: own.agreement)
    }
    let labelled = try source.labelled(own, onlyConsistent: label == .consistent, seed: seed)
    subject.source = labelled
    let turned = own.both.filter { $0 <= 0.5 }.count
    session.say(
      StyledText("\(counted(labelled.training.count, "pair")) labelled by the judge; it turns ")
        + StyledText("\(grouped(turned)) of \(grouped(all.count)) round"))
    var done = Done()
    done.addsToSource = true
    return done
  }

  private func judge(_ session: Session) throws -> any Judge {
    let kind = call.text(0) ?? ""
    switch kind {
    case "asks", "compares":
      let subject = try session.subject(word(kind))
      guard labels.isEmpty || labels.count == 2 else {
        throw Failure("labels= needs two answers.", cure: "labels=\" positive\",\" negative\"")
      }
      return kind == "asks"
        ? RewardJudge(try AskedModel(subject, template: template, labels: labels, isTalk: chat)).with(
          1, Double(bias), Double(noise), seed)
        : try ComparingModel(subject, template: template, labels: labels, isTalk: chat)
    default:
      var command = RewardCommand()
      (command.call, command.against, command.toward, command.away) = (call, against, toward, away)
      guard let reward = try command.reward(kind, session) else {
        throw unknown("judge", kind, among: Self.kinds)
          .at(call.places.first)
      }
      return RewardJudge(reward).with(Double(sharpness), Double(bias), Double(noise), seed)
    }
  }

  private func word(_ kind: String) throws -> String {
    guard let found = call.text(1) else {
      throw Failure("judge \(kind) needs a model.", cure: "judge \(kind) m")
    }
    return found
  }
}

extension RewardJudge {
  /// The same judge with how it weighs and errs.
  fileprivate func with(_ sharpness: Double, _ bias: Double, _ noise: Double, _ seed: Int) -> RewardJudge {
    var copy = self
    (copy.sharpness, copy.bias, copy.noise, copy.seed) = (sharpness, bias, noise, UInt64(seed))
    return copy
  }
}
