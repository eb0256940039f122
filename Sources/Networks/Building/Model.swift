import Engine
import Options

/// What a model knows of its words, handed in by whoever has the tokenizer.
public struct Words {
  /// Ids of a text.
  public let encode: (String) throws -> [Int]
  /// The text of ids.
  public let decode: ([Int]) -> String
  /// The id that ends a text, where there is one.
  public let end: Int?

  /// Words from the two directions.
  public init(
    encode: @escaping (String) throws -> [Int], decode: @escaping ([Int]) -> String, end: Int? = nil
  ) {
    self.encode = encode
    self.decode = decode
    self.end = end
  }
}

/// A model: a network, the directory of its parameters and sites, and what is attached to it.
public final class Model {
  /// Facts of the architecture, the same for all models of it.
  public let architecture: Architecture
  /// Sizes and switches of this model, as Hugging Face's `config.json` names them.
  public let config: [(key: String, value: OptionValue)]
  /// The computation.
  public let network: any Network
  /// The base's parameters and sites.
  public let directory: Directory
  /// Chance for what is attached.
  public var chance: Chance
  /// Attachments in the order they came.
  public internal(set) var attachments: [Attachment] = []
  /// Words, where a tokenizer is known.
  public var words: Words?

  /// Builds a model; first values come from `source` where it has them, else from chance.
  public init<N: Network>(
    _ architecture: Architecture, config: [(key: String, value: OptionValue)], chance: Chance,
    source: ((_ name: String, _ shape: [Int]) -> Tensor?)? = nil, build: (Scope) throws -> N
  ) throws {
    self.architecture = architecture
    self.config = config
    self.chance = chance
    directory = Directory()
    directory.source = source
    network = try build(Scope(directory, chance: chance))
    directory.source = nil
    for site in directory.sites { site.foreignName = architecture.foreignSite(site.name) }
    refreshTrainable()  // what a file holds packed never trains
  }

  /// The base's parameters, then those of the attachments.
  public var parameters: [Parameter] { directory.parameters + attachments.flatMap(\.parameters) }
  /// All sites in order.
  public var sites: [Site] { directory.sites }
  /// Parameters that training moves.
  public var trainable: [Parameter] { parameters.filter(\.isTrainable) }
  /// Numbers in the base.
  public var baseCount: Int { directory.parameters.reduce(0) { $0 + $1.count } }
  /// Numbers that training moves.
  public var trainableCount: Int { trainable.reduce(0) { $0 + $1.count } }
  /// Numbers in all.
  public var count: Int { parameters.reduce(0) { $0 + $1.count } }
  /// How many blocks there are.
  public var layers: Int { Set(sites.compactMap(\.layer)).count }

  /// Whether it has shapes but no numbers: it can be counted and attached to, and not run.
  public var isBlank: Bool { directory.parameters.contains { $0.value.storage.isBlank } }

  /// Why a model without numbers cannot do something.
  public static func isBlankFailure(_ what: String) -> Failure {
    Failure(
      "this model has shapes and no numbers (weights=none), so there is nothing to \(what).",
      cure: "Open it with weights=random, or its folder with the file's weights.")
  }

  /// A parameter of the base or of an attachment, by our name or by Hugging Face's.
  public func parameter(_ name: String) -> Parameter? {
    if let found = directory.parameter(name) { return found }
    for attachment in attachments {
      if let found = attachment.parameters.first(where: { $0.name == name }) { return found }
    }
    return architecture.ownName(name).flatMap { directory.parameter($0) }
  }

  /// A site by our name or by Hugging Face's.
  public func site(_ name: String) -> Site? {
    directory.site(name) ?? sites.first { $0.foreignName == name }
  }

  /// A number of the config.
  public func size(_ key: String) -> Int? { config.first { $0.key == key }?.value.asInteger }

  /// The head's own parameters where it answers a task with classes; a language model's head is part of the model
  /// itself.
  public var taskHead: [Parameter] {
    network.answers == .positions ? [] : [network.head.weight, network.head.bias].compactMap { $0 }
  }

  /// Logits: [batch, classes] of a model that answers once a row, else [batch, time, vocabulary or classes] of the own
  /// positions of the batch; those that methods added are left out.
  public func logits(_ input: Input, _ pass: Pass) throws -> Tensor {
    if let rows = pass.rows { try check(rows, of: input.ids.count, pass) }
    let hidden = try network.hidden(input, pass)
    if network.answers == .rows { return try network.logits(network.summary(hidden, pass), pass) }
    return try hidden.withoutAdded(network.logits(hidden.states, pass))
  }

  /// Logits of each row's last position, [batch, 1, vocabulary]: those of the next token. The head reads nothing else.
  /// Where a method put vectors behind the text, the last of them is what stands before the next token.
  public func nextLogits(_ input: Input, _ pass: Pass) throws -> Tensor {
    if let rows = pass.rows { try check(rows, of: input.ids.count, pass) }
    let states = try network.hidden(input, pass).states
    return try network.logits(states.slice(axis: 1, states.shape[1] - 1..<states.shape[1]), pass)
  }

  /// Works out which parameters train: the base's when nothing is attached, else what attachments train that are on
  /// and not merged; pins win. What is packed never trains.
  public func refreshTrainable() {
    let active = attachments.filter { $0.isOn && !$0.isFolded }
    for parameter in directory.parameters {
      let claimed = attachments.isEmpty || active.contains { $0.claims(parameter) }
      parameter.isTrainable = (parameter.pin ?? claimed) && !parameter.isHidden && !parameter.isPacked
    }
    for attachment in attachments {
      let isActive = attachment.isOn && !attachment.isFolded
      for parameter in attachment.parameters {
        let isUsed = isActive || active.contains { one in one.borrowed.contains { $0 === parameter } }
        parameter.isTrainable = isUsed && !parameter.isFixed && parameter.pin ?? true
      }
    }
  }
}
