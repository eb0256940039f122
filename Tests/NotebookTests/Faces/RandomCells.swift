import Methods
import Options

@testable import Notebook

/// Cells drawn from the catalogs: verbs, options, values, places, formulas, blocks, help, and rubbish.
struct RandomCells {
  private var state: UInt64
  private let session: Session

  init(seed: UInt64, _ session: Session) {
    state = seed
    self.session = session
  }

  /// SplitMix64.
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ n: Int) -> Int { n <= 1 ? 0 : Int(next() % UInt64(n)) }
  mutating func chance(_ percent: Int) -> Bool { below(100) < percent }
  mutating func pick<T>(_ all: [T], or other: T) -> T { all.isEmpty ? other : all[below(all.count)] }

  /// A cell.
  mutating func cell() -> String {
    var text = (0..<(chance(85) ? 1 : 1 + below(3))).map { _ in statement(depth: 0) }.joined(
      separator: chance(80) ? "; " : "\n")
    if chance(12) { text = mutated(text) }
    return text
  }

  private mutating func statement(depth: Int) -> String {
    switch below(100) {
    case ..<62: return command()
    case ..<78: return expression(depth: 0)
    case ..<83:
      return "let \(pick(["a", "b", "m", "m2", "step", "x_1", "数"], or: "a")) = "
        + (chance(25) ? "gpt" + options(of: GPTCommand.self, []) : expression(depth: 0))
    case ..<90 where depth < 2: return block(depth: depth)
    case ..<94: return pick(["?", "??"], or: "?") + pick(Help(session).topics, or: "")
    case ..<97: return rubbish()
    default: return ["", "#", ";", "n", "next", "\\", "   "][below(7)]
    }
  }

  private mutating func block(depth: Int) -> String {
    let body =
      "{ " + (0..<(1 + below(2))).map { _ in statement(depth: depth + 1) }.joined(separator: "; ") + " }"
    switch below(3) {
    case 0: return "repeat \(pick(["0", "1", "3", "1000000000", "-1", "x"], or: "1")) " + body
    case 1: return "sweep \(pick(["a", "r", "m"], or: "a")) = \(value()),\(value()) " + body
    default: return "until \(expression(depth: 1)) max=\(pick(["0", "2", "100000"], or: "2")) " + body
    }
  }

  /// Verbs that reach outside, or that would make every other test on this machine slower.
  private static let excluded: Set<String> = ["get"]

  private mutating func command() -> String {
    // Weighted so that models, tasks, attachments and steps are there to be tried on.
    let often = [
      "gpt", "task", "attach", "step", "attach", "step", "task", "undo", "show", "detach", "backward",
      "forward",
    ]
    let verbs = (session.commands + Commands.makers).map { $0.card.name }.filter {
      !Self.excluded.contains($0)
    }
    let verb = chance(40) ? pick(often, or: "step") : pick(verbs, or: "step")
    guard let type = (session.commands + Commands.makers).first(where: { $0.card.name == verb }) else {
      return verb
    }
    var words: [String] = []
    let count = type.takes.count
    let wanted = min(count.upperBound, count.lowerBound + (chance(50) ? 0 : below(3))) + (chance(4) ? 1 : 0)
    for _ in 0..<wanted {
      let known = type.takes.candidates(words, session)
      words.append(
        type.takes.isFormula ? expression(depth: 1) : chance(85) ? pick(known, or: value()) : value())
    }
    if verb == "step" || verb == "train", chance(60) {
      words = [pick(["1", "2", "5", "-1", "-2", "100000", "-100"], or: "1")]
    }
    return ([verb] + words).joined(separator: " ") + options(of: type, words) + (chance(5) ? ";" : "")
      + (chance(4) ? " @m" : "")
  }

  private mutating func options(of type: any Command.Type, _ words: [String]) -> String {
    func own<C: Command>(_: C.Type) -> [OptionFacts] { C.options.map { $0.facts(C()) } }
    let all = (own(type) + type.further(words, session)).filter { $0.name != "threads" }
    guard !all.isEmpty, chance(55) else { return chance(3) ? " \(value())=\(value())" : "" }
    var text = ""
    for _ in 0..<(1 + below(3)) {
      let option = all[below(all.count)]
      text += " \(option.name)=" + (chance(80) ? fitting(option) : value())
    }
    return text
  }

  private mutating func fitting(_ option: OptionFacts) -> String {
    if !option.words.isEmpty { return pick(option.words, or: "yes") }
    if option.isSites {
      return pick(
        [
          "attn.q", "attn.qkv", "mlp.up,mlp.down", "*", "attn.*", "embed", "head", "norm1", "blocks.0.attn.o",
          "input", "c_attn", "attn",
        ], or: "attn.q")
    }
    return chance(50) ? option.standard : value()
  }

  private mutating func value() -> String {
    switch below(8) {
    case 0, 1: return pick(["0", "1", "2", "3", "4", "8", "16"], or: "1")
    case 2:
      return pick(
        [
          "-1", "0.5", "1e-3", "1e30", "1e-40", "-0.0", "99999999999999999999", "1e400",
          "9223372036854775807", "-9223372036854775808",
        ], or: "0")
    case 3:
      return pick(
        [
          "yes", "no", "m", "attn.q", "blocks.0.attn.q", "a", "base", "x.graft", "lora", "%", "%1", "@m",
          "@m.base",
        ], or: "yes")
    case 4:
      return pick(["\"e\"", "\"\"", "\"two words\"", "\"\\u{1F600}\"", "\"数据\"", "\"3 1 4\""], or: "\"\"")
    case 5: return pick(["1,2,3", "0..3", "3..0", "0..100000000", "1,0..2", "[1,[2]]", "a,b"], or: "1,2")
    case 6: return "(" + expression(depth: 2) + ")"
    default: return place()
    }
  }

  private mutating func place() -> String {
    let names =
      session.currentSubject.map { $0.model.sites.map(\.name) + $0.model.parameters.map(\.name) } ?? []
    let name = pick(names + ["blocks.*.attn.q", "*", "blocks.7.x", "a", "b", "pi", "lora"], or: "a")
    return chance(20)
      ? name
        + pick(
          [
            "[0]", "[0,:]", "[-1]", "[1..2,0]", "[:,9]", "[0,0,0]", "[2:1]", "[-9223372036854775808]",
            "[0..9223372036854775807]",
          ], or: "[0]") : name
  }

  private mutating func expression(depth: Int) -> String {
    if depth > 3 || chance(30) { return chance(50) ? place() : value() }
    switch below(10) {
    case ..<6:
      guard case let all = Functions.all, !all.isEmpty else { return "1" }
      let function = all[below(all.count)]
      let count = chance(90) ? function.arguments.lowerBound + below(function.arguments.count) : below(4)
      return function.name + "("
        + (0..<count).map { _ in function.takesSites ? place() : expression(depth: depth + 1) }.joined(
          separator: ", ") + ")"
    case ..<9:
      let op = pick(["+", "-", "*", "/", "^", "==", "!=", "<", "<=", ">", ">=", "and", "or"], or: "+")
      return "\(expression(depth: depth + 1)) \(op) \(expression(depth: depth + 1))"
    default: return pick(["-", "not ", "+", "(", "["], or: "-") + expression(depth: depth + 1)
    }
  }

  private mutating func rubbish() -> String {
    let all = Array("abcxyz 019.,;:=(){}[]\"\\#%@?*/+-^<>!&|'~`$\t数é\u{200D}\u{0}\u{1B}\n")
    return String((0..<below(30)).map { _ in all[below(all.count)] })
  }

  private mutating func mutated(_ text: String) -> String {
    var all = Array(text)
    for _ in 0..<(1 + below(3)) {
      let at = below(all.count + 1)
      switch below(3) {
      case 0: if at < all.count { all.remove(at: at) }
      case 1: all.insert(contentsOf: rubbish().prefix(2), at: at)
      default: if at < all.count { all.insert(all[at], at: at) }
      }
    }
    return String(all)
  }
}
