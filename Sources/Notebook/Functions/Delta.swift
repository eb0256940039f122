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
    var total = try weight.value - (weight.base ?? weight.value)
    for attachment in model.attachments where attachment.isOn && !attachment.isFolded {
      for (place, edit) in attachment.edits where place.weight === weight {
        guard let folded = edit.folded else { continue }
        if let rows = place.columns {
          let part = try weight.value.slice(axis: 0, rows)
          let change = try folded(Weights(weight: part)).weight - part
          let above = Tensor.zeros([rows.lowerBound, weight.shape[1]])
          let below = Tensor.zeros([weight.shape[0] - rows.upperBound, weight.shape[1]])
          total = try total + Tensor.concat([above, change, below], axis: 0)
        } else {
          total = try total + (folded(Weights(weight: weight.value)).weight - weight.value)
        }
      }
    }
    guard let rows = site.columns else { return total }
    return try total.slice(axis: 0, rows)
  }
}
