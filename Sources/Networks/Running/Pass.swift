import Engine

/// One run of a model, with all that is particular to it: no globals, and no mode that could stay on.
public final class Pass {
  /// The tape that records, or nil: no gradients.
  public private(set) var tape: Tape?
  /// Whether dropout is drawn.
  public let isTraining: Bool
  /// Chance for dropout.
  public let chance: Chance
  /// The training step, part of the key of chance.
  public let step: Int
  /// What products with weights that do not train are computed in.
  public let compute: Compute
  /// Whether attachments are left out: the base as it was.
  public let isBase: Bool
  /// Where sites put what was asked for; nil: nowhere.
  public var trace: Trace?
  /// Keys and values of earlier tokens, in generation.
  public var cache: Cache?
  /// The mask of all keys, cached ones included; set by the model at its entry.
  public internal(set) var keyMask: KeyMask?
  /// By what rotary positions turn queries and keys; set by the model at its entry.
  public internal(set) var angles: RotaryAngles?
  /// Where keys stand for slopes on the scores; nil: in order. Set by the model at its entry.
  var counted: Entry.Counted?
  /// What cross attention reads; set by a model with an encoder.
  public internal(set) var memory: Memory?
  /// Image tokens that came with the text, [batch, tokens, width]; set by the model at its entry.
  public internal(set) var features: Tensor?
  /// The modality of each position; nil: all text. Set by the model at its entry, after what edits add there.
  public internal(set) var kinds: Kinds?
  /// The site that runs: the tape names it in messages, and a profile counts by it.
  public var place = "" {
    didSet {
      tape?.place = place
      profile?.enter(place)
    }
  }
  private let profile = Profile.current
  /// Polled between layers.
  public var interrupt: Interrupt?
  /// The number of each column's document where rows hold several texts, [batch][time], below 0 for filling: each is
  /// attended by itself. nil: a row is one text.
  public var documents: [[Int]]?
  /// The attachment that answers in each row of the batch, by name, nil for none; nil: all that are on answer in all
  /// rows. For inference, with methods that keep shapes.
  public var rows: [String?]?
  /// While rows are run apart: the attachment of those that are running.
  var serving: String??
  private var known = Known()
  /// Whether blocks keep only what they read, and run once more on the way back.
  public var isCheckpointing = false
  /// For a block that is run apart: the tape of the whole.
  private weak var whole: Tape?

  private final class Known { var values: [String: Tensor] = [:] }

  /// A run; by default an evaluation without gradients.
  public init(
    tape: Tape? = nil, isTraining: Bool = false, chance: Chance = Chance(seed: 0), step: Int = 0,
    isBase: Bool = false, compute: Compute = .f32,
    trace: Trace? = nil, cache: Cache? = nil, interrupt: Interrupt? = nil
  ) {
    self.tape = tape
    self.isTraining = isTraining
    self.chance = chance
    self.step = step
    self.isBase = isBase
    self.compute = compute
    self.trace = trace
    self.cache = cache
    self.interrupt = interrupt
  }

  /// A parameter's value, on the tape if it trains; its base value where attachments are left out, and the one from
  /// before where they are switched off.
  public func read(_ parameter: Parameter) -> Tensor {
    if isBase { return parameter.base ?? parameter.value }
    guard let tape, parameter.isTrainable else { return parameter.visible }
    return tape.track(parameter.value)
  }

  /// What several sites need, computed by the first of them that asks in this run: an encoder's result.
  public func once(_ key: String, _ make: () throws -> Tensor) rethrows -> Tensor {
    if let made = known.values[key] { return made }
    let own = tape
    if let whole { tape = whole }  // others will read it too
    defer { tape = own }
    let made = try whole?.aside(make) ?? make()
    known.values[key] = made
    return made
  }

  /// Runs a block; where checkpoints are asked for and nobody looks inside, the tape keeps what it reads alone.
  func checkpointed(_ x: Tensor, _ block: @escaping (Tensor, Pass) throws -> Tensor) throws -> Tensor {
    guard isCheckpointing, let tape, trace == nil else { return try block(x, self) }
    let apart = Pass(self, whole: tape)
    return try tape.checkpointed(x) { own, x in
      apart.tape = own
      defer { apart.tape = nil }
      return try block(x, apart)
    }
  }

  /// The same run for a block by itself, without a tape yet: the tape keeps it, so it must not keep the tape.
  private init(_ other: Pass, whole: Tape) {
    (isTraining, chance, step, compute) = (other.isTraining, other.chance, other.step, other.compute)
    (isBase, cache, keyMask, angles) = (other.isBase, other.cache, other.keyMask, other.angles)
    (counted, memory, features, kinds) = (other.counted, other.memory, other.features, other.kinds)
    (interrupt, documents, rows, serving) = (other.interrupt, other.documents, other.rows, other.serving)
    (known, place, self.whole) = (other.known, other.place, whole)
  }

  /// A weight as `read` gives it, but unpacked to the base's own numbers where attachments are left out; throws where
  /// those are in a file that cannot be read any more.
  func weight(_ parameter: Parameter) throws -> Tensor {
    guard !parameter.value.storage.isBlank else { throw Model.isBlankFailure("run") }
    return isBase && parameter.packing != nil ? try parameter.original() : read(parameter)
  }

  /// A bias's value; none where it came with a fold that this pass leaves out.
  func readBias(_ bias: Parameter) -> Tensor? {
    if bias.isGrown, isBase || bias.claims.allSatisfy({ !$0.owner.isOn }) { return nil }
    return read(bias)
  }

  /// x with a share p hidden while training, drawn anew at each step for each name.
  public func dropout(_ x: Tensor, _ p: Float, _ name: String) throws -> Tensor {
    guard isTraining, p > 0 else { return x }
    return try x.dropout(p, chance, purpose: name, step: step)
  }
}

/// The states that cross attention reads.
public struct Memory {
  /// [batch, time, width]
  public var states: Tensor
  /// Which of them are real; nil: all.
  public var mask: KeyMask?
  /// The batch's column each of them came from, below 0 for added ones; [batch][time].
  public var columns: [[Int]]

  /// States with their mask and their places in the batch.
  public init(_ states: Tensor, mask: KeyMask? = nil, columns: [[Int]] = []) {
    (self.states, self.mask, self.columns) = (states, mask, columns)
  }
}

/// Keys and values of the tokens that were already run, by attention site.
public final class Cache {
  /// [batch, time, width] by site name.
  var layers: [String: (keys: Tensor, values: Tensor)] = [:]
  /// 1 for real positions, by batch row, of everything run so far.
  public internal(set) var mask: [[UInt8]] = []

  /// An empty cache.
  public init() {}

  /// What another holds so far; each goes on by itself.
  public init(_ other: Cache) { (layers, mask) = (other.layers, other.mask) }

  /// The keys and values of an attention site, [batch, time, keyWidth] each; nil: it has not run.
  public func keysValues(at site: Site) -> (keys: Tensor, values: Tensor)? { layers[site.name] }

  /// How many positions were run so far.
  public var length: Int { mask.first?.count ?? 0 }
}

/// What was asked to be seen of a run: inputs and outputs of sites, attention probabilities.
public final class Trace {
  private let wants: (Site) -> Bool
  /// What sites read, by name.
  public private(set) var inputs: [String: Tensor] = [:]
  /// What sites gave, by name; tracked where gradients reach them.
  public private(set) var outputs: [String: Tensor] = [:]
  private var plain: [String: Tensor] = [:]
  /// Probabilities [batch, heads, queries, keys], extra keys first, by name of the attention site.
  public private(set) var attention: [String: Tensor] = [:]
  /// Names in the order they ran.
  public private(set) var order: [String] = []

  /// A trace of the sites that `wants` chooses.
  public init(_ wants: @escaping (Site) -> Bool = { _ in true }) { self.wants = wants }

  func wants(_ site: Site) -> Bool { wants(site) }

  func record(_ site: Site, _ x: Tensor, _ y: Tensor) {
    guard wants(site) else { return }
    if inputs[site.name] == nil { order.append(site.name) }
    inputs[site.name] = x
    outputs[site.name] = y
  }

  /// What a site gave before the output edits that sit there.
  public func plainOutput(_ name: String) -> Tensor? { plain[name] ?? outputs[name] }

  func record(_ site: Site, plain y: Tensor) { if wants(site) { plain[site.name] = y } }

  func record(_ site: Site, probabilities: Tensor) { attention[site.name] = probabilities }
}
