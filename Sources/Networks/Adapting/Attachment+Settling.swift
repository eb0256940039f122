import Engine
import Options

/// What an attachment holds, for a method that leaves its encoder out and keeps the result.
public struct Held {
  /// The attachment's name, which the names of its parameters carry.
  public let name: String
  /// The sites that it changes, with what it does there.
  public let edits: [(site: Site, edit: Edit)]
  private let model: Model

  init(_ attachment: Attachment, _ model: Model) {
    (name, edits, self.model) = (attachment.name, attachment.edits, model)
  }

  /// The full name of a parameter at a site.
  public func parameter(_ leaf: String, at site: Site) -> String {
    Attachment.path(of: site, name) + "." + leaf
  }

  /// The full name of a parameter at a site of that name.
  public func parameter(_ leaf: String, at site: String) -> String { "\(site).\(name).\(leaf)" }

  /// The keys and values that it puts before a layer's own, as evaluation computes them; nil: none there.
  public func keysValues(_ edit: Edit, in pass: Pass) throws -> (keys: Tensor, values: Tensor)? {
    try edit.keysValues?(Tensor.zeros([1, 1, 1]), KeysValues(), pass).extra
  }

  /// The vectors that it puts into the sequence at the model's entry, [n, width], as evaluation computes them.
  public func vectors(_ edit: Edit, width: Int, in pass: Pass) throws -> Tensor? {
    try Sequence.added(by: [edit], width: width, pass)
  }
}

extension Attachment {
  /// The same effect in a smaller form, its encoder gone, as an attachment of its own that is not on the model; nil
  /// where there is nothing to leave out.
  public func settled(of model: Model) throws -> Attachment? {
    func settle<Method: TuningMethod>(_ method: Method) throws -> Attachment? {
      guard let (smaller, values) = try method.settled(Held(self, model)) else { return nil }
      return try Attachment(smaller, in: self, values: values, model)
    }
    return try settle(method)
  }

  /// Leaves the encoder out: an attachment that holds only its result takes this one's place, under the same name, and
  /// comes back. Throws, and changes nothing, where there is nothing to leave out or another uses the encoder.
  @discardableResult
  public func settle(in model: Model) throws -> Attachment {
    if let user = model.attachments.first(where: { $0.lender === self }) {
      throw Failure(
        "\(name) cannot be settled: \(user.name) uses its encoder.", cure: "First: settle \(user.name)")
    }
    guard let place = model.attachments.firstIndex(where: { $0 === self }),
      let smaller = try settled(of: model)
    else {
      throw Failure(
        "\(name) has no encoder to leave out: it is as small as it gets.",
        cure: "See what it holds: show params")
    }
    for parameter in model.directory.parameters {
      if let packing = parameter.packing, packing.owner === self {
        parameter.packing = Packing(owner: smaller, original: packing.original)
      }
      for i in parameter.claims.indices where parameter.claims[i].owner === self {
        let old = parameter.claims[i]
        parameter.claims[i] = .init(owner: smaller, before: old.before, folded: old.folded)
      }
    }
    for attachment in model.attachments[place...] { attachment.removeEdits() }
    model.attachments[place] = smaller
    smaller.model = model
    for attachment in model.attachments[place...] where !attachment.isFolded { attachment.placeEdits() }
    model.refreshTrainable()
    return smaller
  }
}
