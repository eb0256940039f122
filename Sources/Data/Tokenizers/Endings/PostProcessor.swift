import FileSystem
import Options

/// What stands around the ids of a whole input: `[CLS] … [SEP]`.
struct Frame: Sendable, Equatable {
  /// A part of the frame: an id, or the ids of the first or second text.
  enum Part: Sendable, Equatable {
    case id(Int)
    case first, second
  }

  /// Around one text.
  var single: [Part] = [.first]
  /// Around two.
  var pair: [Part] = [.first, .second]

  /// The ids of one or two texts with what stands around them.
  func filled(_ first: [Int], _ second: [Int]? = nil) -> [Int] {
    (second == nil ? single : pair).flatMap { part -> [Int] in
      switch part {
      case .id(let id): return [id]
      case .first: return first
      case .second: return second ?? []
      }
    }
  }

  /// Ids before and after one text.
  var around: (before: [Int], after: [Int]) {
    func ids(_ parts: ArraySlice<Part>) -> [Int] {
      parts.compactMap { if case .id(let id) = $0 { return id } else { return nil } }
    }
    guard let place = single.firstIndex(of: .first) else { return (ids(single[...]), []) }
    return (ids(single[..<place]), ids(single[(place + 1)...]))
  }
}

/// The catalog of post-processors, each read into a frame.
enum PostProcessors {
  static var all: [(name: String, read: (JSONPlace, (String) -> Int?) throws -> Frame)] {
    [
      ("TemplateProcessing", template), ("BertProcessing", bert), ("RobertaProcessing", roberta),
      ("ByteLevel", { _, _ in Frame() }), ("Sequence", sequence),
    ]
  }

  /// The frame of a part; `id` knows the ids of tokens.
  static func read(_ part: JSONPlace, _ id: (String) -> Int?) throws -> Frame {
    if part.isNull { return Frame() }
    return try TokenizerPart.choose(part, "post-processor", all.map { ($0.name, $0.read) })(part, id)
  }

  /// In turn; a step that adds nothing leaves the frame of the one before.
  private static func sequence(_ part: JSONPlace, _ id: (String) -> Int?) throws -> Frame {
    guard let list = part["processors"].list else { throw part["processors"].failure("a list") }
    var frame = Frame()
    for item in list {
      let next = try read(item, id)
      frame.single = next.single.flatMap { $0 == .first ? frame.single : [$0] }
      frame.pair = next.pair == [.first, .second] ? frame.pair : next.pair
    }
    return frame
  }

  /// `[token, id]`; the id that the tokenizer itself has counts.
  private static func token(_ part: JSONPlace) throws -> Int {
    guard let list = part.list, list.count == 2, list[0].text != nil, let id = list[1].integer, id >= 0 else {
      throw part.failure("a token and its id")
    }
    return id
  }

  private static func bert(_ part: JSONPlace, _ id: (String) -> Int?) throws -> Frame {
    let (sep, cls) = (try token(part["sep"]), try token(part["cls"]))
    return Frame(
      single: [.id(cls), .first, .id(sep)], pair: [.id(cls), .first, .id(sep), .second, .id(sep)])
  }

  private static func roberta(_ part: JSONPlace, _ id: (String) -> Int?) throws -> Frame {
    let (sep, cls) = (try token(part["sep"]), try token(part["cls"]))
    return Frame(
      single: [.id(cls), .first, .id(sep)],
      pair: [.id(cls), .first, .id(sep), .id(sep), .second, .id(sep)])
  }

  private static func template(_ part: JSONPlace, _ id: (String) -> Int?) throws -> Frame {
    var known: [ExactText: [Int]] = [:]
    for (name, value) in part["special_tokens"].members ?? [] {
      guard let ids = value["ids"].list?.compactMap(\.integer), ids.allSatisfy({ $0 >= 0 }) else {
        throw value["ids"].failure("a list of ids")
      }
      known[ExactText(name)] = ids
    }
    func parts(_ place: JSONPlace) throws -> [Frame.Part] {
      guard let list = place.list else { throw place.failure("a list") }
      return try list.flatMap { item -> [Frame.Part] in
        if let text = item["Sequence"]["id"].text {
          guard text == "A" || text == "B" else { throw item["Sequence"]["id"].failure("A or B") }
          return [text == "A" ? .first : .second]
        }
        guard let token = item["SpecialToken"]["id"].text else {
          throw item.failure("a Sequence or a SpecialToken")
        }
        guard let ids = known[ExactText(token)] ?? id(token).map({ [$0] }) else {
          throw Failure("\(item["SpecialToken"]["id"].place): “\(token)” is not in special_tokens.")
        }
        return ids.map { .id($0) }
      }
    }
    return Frame(
      single: try parts(part["single"]),
      pair: part["pair"].isNull ? [.first, .second] : try parts(part["pair"]))
  }
}
