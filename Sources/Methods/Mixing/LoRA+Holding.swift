import Engine
import Networks
import Options

extension LoRA {
  /// Attaches a LoRA that holds given low-rank changes, site by site, of one rank: smaller ones are filled up with
  /// zeros. The scale is that of the first; a change with another one takes the difference into B.
  public static func holding(_ changes: [(site: Site, change: LowRankTerm)], on model: Model, name: String)
    throws
    -> Attachment
  {
    guard let first = changes.first else { throw Failure("there is no low-rank change to hold.") }
    var lora = LoRA(), placement = Attachment.Placement()
    lora.r = changes.map { $0.change.a.shape[0] }.max() ?? 1
    lora.alpha = first.change.scale * Float(lora.r)
    placement.on = changes.map(\.site.name)
    let attachment = try Attachment(lora, to: model, name: name, placement: placement)
    for (site, change) in changes {
      let factor = change.scale == first.change.scale ? 1 : change.scale / first.change.scale
      let a = try filled(change.a, [lora.r, site.width.in])
      let b = try filled(factor == 1 ? change.b : change.b.scaled(by: factor), [site.width.out, lora.r])
      attachment.parameter("A", at: site)?.value = a
      attachment.parameter("B", at: site)?.value = b
    }
    return attachment
  }

  /// A LoRA with the very effect of an attachment that is a low-rank change everywhere: PiSSA at twice its rank.
  public static func equal(to attachment: Attachment, on model: Model, name: String) throws -> Attachment {
    let changes = try attachment.lowRankChanges()
    if let trained = model.directory.parameters.first(where: attachment.claims) {
      throw Failure(
        "\(attachment.name) also trains \(trained.name), which a LoRA's A and B cannot hold.",
        cure: "save adapter DIR, without as=lora, keeps biases")
    }
    return try holding(changes, on: model, name: name)
  }

  private static func filled(_ tensor: Tensor, _ shape: [Int]) throws -> Tensor {
    guard tensor.shape != shape else { return try tensor.plain.scaled(by: 1) }
    let axis = tensor.shape[0] == shape[0] ? 1 : 0
    var rest = shape
    rest[axis] -= tensor.shape[axis]
    return try Tensor.concat([tensor, Tensor.zeros(rest)], axis: axis)
  }
}

extension Attachment {
  /// Its effect as low-rank changes by site; throws where it is something else.
  public func lowRankChanges() throws -> [(site: Site, change: LowRankTerm)] {
    let changes = try edits.compactMap { site, edit in try edit.change.map { (site: site, change: try $0()) }
    }
    guard changes.count == edits.count, !changes.isEmpty else {
      throw Failure(
        "\(name) is no low-rank change of weights, so it cannot be added up or written as LoRA.",
        cure: "lora and pissa are such changes")
    }
    return changes
  }
}
