import Data
import Engine
import Events
import Networks
import Training

/// A model in the notebook, with what is needed to train and read it.
public final class Subject {
  /// The name it is bound to: `m`.
  public let name: String
  /// The model.
  public let model: Model
  /// What turns text into its tokens.
  public let tokenizer: any Tokenizer
  /// Where it came from, in a few words: `gpt base=alphabet`.
  public let origin: String
  /// Trains it.
  public let trainer = Trainer()
  /// What it trains on; nil: nothing yet.
  public var source: (any BatchSource)? { didSet { trainer.cancel() } }
  /// The line that set the source, for saving.
  var sourceLine: String?
  /// The task in words, where it has one: labels to choose from, skills.
  public var task: TaskFacts?
  /// Hooks in force.
  public internal(set) var hooks: [Hook] = [] { didSet { trainer.cancel() } }
  /// What the last `eval` found, to compare the next one with.
  public var lastEvaluation: Evaluation?

  /// A model under a name.
  public init(_ name: String, _ model: Model, _ tokenizer: any Tokenizer, origin: String) {
    self.name = name
    self.model = model
    self.tokenizer = tokenizer
    self.origin = origin
    guard model.network.reads == .tokens else { return }
    model.words = Words(
      encode: { try tokenizer.encodeWhole($0) }, decode: { tokenizer.decode($0) }, end: tokenizer.endOfText)
  }

  /// One line on what it is.
  public var summary: String {
    let sizes = model.architecture.sizes
    var parts = [
      model.architecture.title, layers,
      "\(model.size(sizes.heads) ?? 0) heads", "dim \(model.size(sizes.width) ?? 0)",
    ]
    switch model.network.reads {
    case .tokens: parts += ["ctx \(model.size(sizes.context) ?? 0)", "vocab \(tokenizer.vocabularySize)"]
    case .pictures(let channels, let height, let width):
      parts.append("pictures \(channels)×\(height)×\(width)")
    }
    switch model.network.answers {
    case .positions: break
    case .rows: parts.append("\(model.network.head.width.out) classes")
    case .tokens: parts.append("\(model.network.head.width.out) classes a token")
    }
    return parts.joined(separator: " · ") + "   " + grouped(model.baseCount) + " parameters"
  }

  /// How many layers, in words; those of encoder and decoder apart.
  private var layers: String {
    func count(_ stack: Site.Stack?) -> Int {
      Set(model.sites.filter { $0.stack == stack }.compactMap(\.block)).count
    }
    let (all, read, written) = (count(nil), count(.encoder), count(.decoder))
    return all > 0 ? "\(all) layers" : "\(read)+\(written) layers"
  }

  /// The loss that the next step would start from, by its trainer.
  public func loss(_ pass: Pass) throws -> Loss {
    let batch = try batch(), objective = trainer.state.objective
    try objective.check(model, batch)
    return try objective.loss(model, batch, pass, trainer.state)
  }

  /// The batch that the next step will use.
  public func batch() throws -> Batch {
    guard let source else { throw Session.noData }
    return try source.batch(trainer.state.batch)
  }
}

/// What a task is, for evaluation and for showing.
public struct TaskFacts: Sendable {
  /// The name: `alphabet +2`, `tweets`.
  public var name: String
  /// The least loss that any model can reach on it, where that is known.
  public var floor: Double?
  /// Labels to choose from by the words they are answered in; empty: none.
  public var labels: [String] = []
  /// A template with `{text}`, for asking about a text of one's own.
  public var template: String?

  /// Facts of a task.
  public init(name: String, floor: Double? = nil, labels: [String] = [], template: String? = nil) {
    self.name = name
    self.floor = floor
    self.labels = labels
    self.template = template
  }
}

/// A change at one site made for an experiment: zero it, scale it.
public final class Hook: EditOwner {
  /// Where.
  public let site: Site
  /// What the site's output is multiplied with.
  public let factor: Float
  /// Whether it lasts for the next command only.
  public let isBrief: Bool
  /// Whether it is in force.
  public var isOn = true
  let edit: Edit

  init(_ site: Site, factor: Float, isBrief: Bool = false) {
    self.site = site
    self.factor = factor
    self.isBrief = isBrief
    var edit = Edit()
    if site.kind == .entry {
      edit.sequence = { sequence, _ in
        var copy = sequence
        copy.embeddings = try sequence.embeddings.scaled(by: factor)
        return copy
      }
    } else {
      edit.output = { _, y, _ in try y.scaled(by: factor) }
    }
    self.edit = edit
  }

  /// What, in words: `zero`, `scale 2`.
  public var text: String { factor == 0 ? "zero" : "scale \(formatted(factor))" }
}

extension Subject {
  /// Puts a hook in force, in place of the one at its site. A step that was begun is forgotten: it ran without it.
  func place(_ hook: Hook) {
    removeHooks { $0.site === hook.site }
    hooks.append(hook)
    hook.site.place(hook.edit, by: hook)
    trainer.cancel()
  }

  /// Takes hooks away and says how many; a step that was begun with them is forgotten.
  @discardableResult
  func removeHooks(_ isChosen: (Hook) -> Bool) -> Int {
    let gone = hooks.filter(isChosen)
    guard !gone.isEmpty else { return 0 }
    for hook in gone { hook.site.remove(hook) }
    hooks.removeAll { hook in gone.contains { $0 === hook } }
    trainer.cancel()
    return gone.count
  }
}
