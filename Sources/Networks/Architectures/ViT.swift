import Engine
import Options

/// The vision transformer: a picture is cut into patches, which are read as words are. Dosovitskiy et al. 2020,
/// arXiv:2010.11929.
///
///     x = [cls ; patches·Wᵀ + b] + positions        x = blocks(x)        logits = head(norm(x)[cls])
///
/// Norms stand before the sublayers, and every position sees every other. Cutting into patches and multiplying is the
/// same as a convolution whose step is as long as its kernel, which is how files hold the weight.
public struct ViT: Network {
  /// The projection of patches, [width, channels·patch·patch].
  public let patch: Linear
  /// The vector of the class token, which answers for the picture: a table of one row.
  public let cls: Embedding
  /// The position table: the class token's, then the patches' row by row.
  public let positions: Embedding
  /// The entry, which takes `sequence` edits, after positions: vectors put before the picture have none.
  public let entry: Entry
  /// The blocks in order.
  public let blocks: [Block]
  /// The last norm.
  public let norm: Norm
  /// The head.
  public let output: Linear
  let form: Form

  /// The site of the class scores.
  public var head: Site { output.site }
  /// A class of each picture.
  public var answers: Answers { .rows }
  /// Square pictures.
  public var reads: Reads { .pictures(channels: form.channels, height: form.size, width: form.size) }

  init(_ scope: Scope, _ form: Form) throws {
    self.form = form
    let width = form.width, start = Start.normal(0.02)
    patch = try Linear(
      scope.child("patch"), in: form.channels * form.patch * form.patch, out: width, start: start)
    cls = try Embedding(scope.child("cls"), count: 1, width: width, start: start)
    positions = try Embedding(
      scope.child("positions"), count: form.patches + 1, width: width, start: start)
    entry = Entry(scope.child("input"), width: width)
    blocks = try form.blocks(scope) { _ in form.block }
    norm = try Norm(scope.child("norm"), width: width, .init(epsilon: form.epsilon))
    output = try Linear(scope.child("head"), in: form.headWidth, out: form.classes, start: start)
  }

  /// The class token and the patches, changed by what is attached to the entry, through all blocks and the norm.
  public func hidden(_ input: Input, _ pass: Pass) throws -> Hidden {
    let pixels = try input.pictures(form.channels, form.size, form.size)
    guard pass.cache == nil else {
      throw EngineError.shapes(
        op: "vit", "a vision model reads a picture as a whole and cannot go on with it")
    }
    let batch = pixels.shape[0], places = Array(0...form.patches)
    let patches = try patch(patches(pixels), pass)
    let first = try cls([[Int]](repeating: [0], count: batch), pass)
    var x = try Tensor.concat([first, patches], axis: 1)
    x = try x + positions([[Int]](repeating: places, count: batch), pass)
    let mask = [[UInt8]](repeating: places.map { _ in 1 }, count: batch)
    let sequence = try entry(x, mask: mask, pass).sequence
    x = sequence.embeddings
    for block in blocks { x = try block(x, pass) }
    return Hidden(try norm(x, pass), of: sequence)
  }

  /// Patches row by row, each with its channels one after another: [batch, patches, channels·patch·patch].
  private func patches(_ pixels: Tensor) throws -> Tensor {
    let (p, side, batch) = (form.patch, form.size / form.patch, pixels.shape[0])
    return try pixels.reshaped([batch, form.channels, side, p, side, p]).permuted([0, 2, 4, 1, 3, 5])
      .reshaped([batch, side * side, form.channels * p * p])
  }

  /// The class token's state, and beside it the mean of the patches' where the head reads that too.
  public func summary(_ hidden: Hidden, _ pass: Pass) throws -> Tensor {
    let cls = try hidden.states(at: hidden.firsts)
    guard form.kind == .dinov2 else { return cls }
    let patches = try hidden.withoutAdded(hidden.states).slice(axis: 1, 1..<form.patches + 1)
    return try Tensor.concat([cls, patches.mean(axes: [1])], axis: 1)
  }

  /// Class scores of summaries.
  public func logits(_ states: Tensor, _ pass: Pass) throws -> Tensor { try output(states, pass) }
}
