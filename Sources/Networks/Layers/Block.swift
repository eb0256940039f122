import Engine

/// A transformer block, with norms before its sublayers (GPT, Llama, T5, ViT) or after the sums (the first Transformer,
/// BERT). A decoder that reads an encoder's states has a sublayer for that between the two others.
///
///     before:  x ← x + attn(norm1(x))     [x ← x + cross(normCross(x))]     x ← x + mlp(norm2(x))
///     after:   x ← norm1(x + attn(x))     [x ← normCross(x + cross(x))]     x ← norm2(x + mlp(x))
public struct Block {
  /// Where the norms stand.
  enum NormPlace { case before, after }

  /// Sizes and kind of a block.
  struct Form {
    var attention: Attention.Form
    /// The sublayer that reads other states; nil: none.
    var cross: Attention.Form?
    var mlp: FeedForward.Form
    var norm: Norm.Form
    var norms = NormPlace.before
    /// Where what self-attention and the feed-forward layer add is scaled, what the scales start as; nil: nowhere.
    var layerScale: Float?

    /// Names and shapes of a block's parameters, in the order in which they are made.
    func shapes(_ path: String) -> [NamedShape] {
      let width = attention.width
      func sublayer(_ norm: String, _ inside: [NamedShape], scale: String? = nil) -> [NamedShape] {
        let own = self.norm.shapes("\(path).\(norm)", width)
        let scales = scale.flatMap { name in layerScale.map { _ in ("\(path).\(name).weight", [width]) } }
        return (norms == .before ? own + inside : inside + own) + (scales.map { [$0] } ?? [])
      }
      return sublayer("norm1", attention.shapes(path + ".attn"), scale: "scale1")
        + (cross.map { sublayer("normCross", $0.shapes(path + ".cross")) } ?? [])
        + sublayer("norm2", mlp.shapes(path + ".mlp", width), scale: "scale2")
    }
  }

  /// The residual stream after the block.
  public let site: Site
  /// The norm at attention.
  public let norm1: Norm
  /// Self-attention.
  public let attention: Attention
  /// The norm at cross attention; nil: there is none.
  public let normCross: Norm?
  /// Attention to other states; nil: there is none.
  public let cross: Attention?
  /// The norm at the feed-forward layer.
  public let norm2: Norm
  /// The feed-forward layer.
  public let mlp: FeedForward
  /// What attention adds to the stream: reads x, gives attn(norm1(x)), or attn(x) where the norm stands after.
  public let attentionAdds: Site
  /// What cross attention adds to the stream; nil: there is none.
  public let crossAdds: Site?
  /// What the feed-forward layer adds to the stream.
  public let mlpAdds: Site
  private let norms: NormPlace
  private let scale1: LayerScale?, scale2: LayerScale?

  init(_ scope: Scope, _ form: Form) throws {
    norms = form.norms
    let width = form.attention.width, isBefore = form.norms == .before
    let (start, outputStart) = (form.attention.start, form.attention.outputStart)
    /// A sublayer, its norm and the place of what it adds, made in the order in which they run.
    func sublayer<Layer>(
      _ name: String, _ normName: String, _ make: (Scope) throws -> Layer, readers: (Layer) -> [Site]
    ) throws -> (norm: Norm, layer: Layer, adds: Site) {
      func norm() throws -> Norm { try Norm(scope.child(normName), width: width, form.norm) }
      let early = isBefore ? try norm() : nil
      let layer = try make(scope.child(name))
      let adds = scope.child(name).child("add").site(.sublayer, width: (width, width))
      let made = try early ?? norm()
      if isBefore { made.site.readers = readers(layer) } else { adds.normAfter = { try made($0, $1) } }
      return (made, layer, adds)
    }
    (norm1, attention, attentionAdds) = try sublayer(
      "attn", "norm1", { try Attention($0, form.attention) }, readers: \.readers)
    func scale(_ name: String) throws -> LayerScale? {
      try form.layerScale.map { try LayerScale(scope.child(name), width: width, start: $0) }
    }
    scale1 = try scale("scale1")
    let crossing = try form.cross.map { cross in
      try sublayer("cross", "normCross", { try Attention($0, cross) }, readers: \.readers)
    }
    (normCross, cross, crossAdds) = (crossing?.norm, crossing?.layer, crossing?.adds)
    (norm2, mlp, mlpAdds) = try sublayer(
      "mlp", "norm2",
      { try FeedForward($0, width: width, form.mlp, start: start, outputStart: outputStart) },
      readers: \.readers)
    scale2 = try scale("scale2")
    site = scope.site(.block, width: (width, width))
  }

  /// Applies the block to x [batch, time, width].
  public func callAsFunction(_ x: Tensor, _ pass: Pass) throws -> Tensor {
    try pass.interrupt?.check()
    return try pass.checkpointed(x) { x, pass in
      try site.run(x, pass) { x in
        var x = try add(x, norm1, attentionAdds, scale1, pass) { try attention($0, pass) }
        if let normCross, let cross, let crossAdds {
          x = try add(x, normCross, crossAdds, nil, pass) { try cross($0, pass) }
        }
        return try add(x, norm2, mlpAdds, scale2, pass) { try mlp($0, pass) }
      }
    }
  }

  /// The stream after a sublayer.
  private func add(
    _ x: Tensor, _ norm: Norm, _ adds: Site, _ scale: LayerScale?, _ pass: Pass,
    _ sublayer: (Tensor) throws -> Tensor
  ) throws -> Tensor {
    func layer(_ x: Tensor) throws -> Tensor {
      let y = try sublayer(x)
      return try scale.map { try $0(y, pass) } ?? y
    }
    switch norms {
    case .before: return try x + adds.run(x, pass) { try layer(norm($0, pass)) }
    case .after: return try norm(x + adds.run(x, pass, layer), pass)
    }
  }
}
