import Engine
import Options

/// Tokens that enter a model: rows of one length, padded where the mask says so.
public struct Input {
  /// Token ids, [batch][time].
  public var ids: [[Int]]
  /// 1 for real positions, 0 for padding; nil: all real.
  public var mask: [[UInt8]]?
  /// Positions for learned position tables; nil: counted over the real positions of each row.
  public var positions: [[Int]]?
  /// Columns before which a method may put vectors, equally many a row: the `{prompt}` of a template; nil: none.
  public var slots: [[Int]]?

  /// An input of token ids.
  public init(_ ids: [[Int]], mask: [[UInt8]]? = nil, positions: [[Int]]? = nil) {
    self.ids = ids
    self.mask = mask
    self.positions = positions
  }

  /// Throws when there is nothing to read, or when rows, mask and positions are not of one size.
  func check() throws {
    let width = ids.first?.count ?? 0
    func fail(_ message: String) -> EngineError { .shapes(op: "input", message) }
    guard width > 0 else { throw fail("there are no tokens to read") }
    guard ids.allSatisfy({ $0.count == width }) else {
      throw fail("rows must be of one length, they have \(ids.map(\.count)) tokens: pad them and give a mask")
    }
    if let mask,
      mask.count != ids.count || !mask.allSatisfy({ $0.count == width && $0.allSatisfy { $0 < 2 } })
    {
      throw fail("the mask must be \(ids.count) rows of \(width) numbers 0 or 1")
    }
    if let slots,
      slots.count != ids.count
        || !slots.allSatisfy({ $0.count == slots[0].count && $0.allSatisfy((0...width).contains) })
    {
      throw fail("slots must be \(ids.count) rows of columns from 0 to \(width), equally many")
    }
    if let positions, positions.count != ids.count || !positions.allSatisfy({ $0.count == width }) {
      throw fail("positions must be \(ids.count) rows of \(width)")
    }
  }
}

/// What a network computes before its head.
public struct Hidden {
  /// [batch, time, width]; time may be longer than the batch's where a method added positions.
  public var states: Tensor
  /// The batch's column each position came from, −1 for added ones; [batch][time].
  public var columns: [[Int]]

  /// The states of the batch's own positions [batch, columns, width], whatever methods added among them.
  func withoutAdded(_ states: Tensor) throws -> Tensor {
    guard let first = columns.first, columns.contains(where: { $0.contains { $0 < 0 } }) else {
      return states
    }
    let start = first.firstIndex { $0 >= 0 } ?? first.count
    let isBefore = Array(repeating: -1, count: start) + (0..<first.count - start)
    if columns.allSatisfy({ $0 == isBefore }) { return try states.slice(axis: 1, start..<first.count) }
    let own = columns.enumerated().flatMap { row, columns in
      columns.indices.filter { columns[$0] >= 0 }.map { row * columns.count + $0 }
    }
    let shape = [columns.count, own.count / columns.count]
    return try states.reshaped([columns.count * first.count, states.width]).gather(own, shape: shape)
  }
}

/// The computation of an architecture, made of layers that run through their sites.
public protocol Network {
  /// From tokens to the states that the head reads.
  func hidden(_ input: Input, _ pass: Pass) throws -> Hidden
  /// From states [.., width] to logits [.., vocabulary].
  func logits(_ states: Tensor, _ pass: Pass) throws -> Tensor
  /// The head's site: where it is plain, losses may use its weight directly.
  var head: Site { get }
}

/// What a model knows of its words, handed in by whoever has the tokenizer.
public struct Words {
  /// Ids of a text.
  public let encode: (String) throws -> [Int]
  /// The text of ids.
  public let decode: ([Int]) -> String

  /// Words from the two directions.
  public init(encode: @escaping (String) throws -> [Int], decode: @escaping ([Int]) -> String) {
    self.encode = encode
    self.decode = decode
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

  /// Logits [batch, time, vocabulary] of the batch's own positions: those that methods added are left out.
  public func logits(_ input: Input, _ pass: Pass) throws -> Tensor {
    let hidden = try network.hidden(input, pass)
    return try hidden.withoutAdded(network.logits(hidden.states, pass))
  }

  /// Works out which parameters train: the base's when nothing is attached, else what attachments train that are on;
  /// pins win. What is packed never trains.
  public func refreshTrainable() {
    let active = attachments.filter(\.isOn)
    for parameter in directory.parameters {
      let claimed = attachments.isEmpty || active.contains { $0.claims(parameter) }
      parameter.isTrainable = (parameter.pin ?? claimed) && !parameter.isHidden && !parameter.isPacked
    }
    for attachment in attachments {
      let isActive = attachment.isOn && !attachment.isFolded
      for parameter in attachment.parameters {
        let isUsed = isActive || active.contains { one in one.borrowed.contains { $0 === parameter } }
        parameter.isTrainable = isUsed && parameter.pin ?? true
      }
    }
  }
}
