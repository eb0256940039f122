import Engine
import Networks
import Options

/// What attachments changed at a site, as a matrix [out, in].
enum Delta {
  /// ΔW = W now − W of the base, with what is attached but not folded counted in.
  static func of(_ site: Site, in model: Model) throws -> Tensor {
    guard let weight = site.weight, site.kind == .linear || site.kind == .part else {
      throw Failure(
        "\(site.name) has no matrix that could have changed.", cure: "For example delta(blocks.0.attn.qkv)")
    }
    // In the order in which they meet: what is added beside the weight first, then what is done to the sum.
    let placed = model.attachments.filter { $0.isOn && !$0.isFolded }.flatMap(\.edits)
      .filter { $0.site.weight === weight && $0.edit.folded != nil }
    let ordered = placed.filter { $0.edit.output == nil } + placed.filter { $0.edit.output != nil }
    var now = weight.value
    for (place, edit) in ordered {
      guard let folded = edit.folded else { continue }
      guard let rows = place.columns else {
        now = try folded(Weights(weight: now)).weight
        continue
      }
      let part = try folded(Weights(weight: now.slice(axis: 0, rows))).weight
      now = try now.replacing(axis: 0, rows, with: part)
    }
    let total = try now - (weight.base ?? weight.value)
    guard let rows = site.columns else { return total }
    return try total.slice(axis: 0, rows)
  }
}
