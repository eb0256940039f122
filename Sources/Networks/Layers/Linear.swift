import Engine

/// A linear layer: y = x·Wᵀ + b.        x: [..., in], W: [out, in], b: [out]
public struct Linear {
  /// Where it runs.
  public let site: Site

  /// Makes weight, bias and site in a scope. `parts` names slices of the output, each a site of its own.
  init(
    _ scope: Scope, in width: Int, out: Int, bias: Bool = true, start: Start,
    parts: [(name: String, columns: Columns)] = []
  ) throws {
    let weight = try scope.parameter("weight", [out, width], start)
    let bias = bias ? try scope.parameter("bias", [out], .zeros) : nil
    site = scope.site(.linear, width: (width, out), weight: weight, bias: bias)
    declareParts(scope, parts)
  }

  /// A layer over a weight that another layer owns: a tied head.
  init(_ scope: Scope, tied weight: Parameter) {
    site = scope.site(.linear, width: (weight.shape[1], weight.shape[0]), weight: weight)
  }

  /// Parts are siblings of the whole: `attn.qkv` has `attn.q`, `attn.k`, `attn.v`.
  private func declareParts(_ scope: Scope, _ parts: [(name: String, columns: Columns)]) {
    guard !parts.isEmpty else { return }
    let outer = scope.path.split(separator: ".").dropLast().joined(separator: ".")
    for part in parts {
      let made = Scope(scope.directory, path: outer + "." + part.name, chance: scope.chance)
        .site(.part, width: (site.width.in, part.columns.count), weight: site.weight, bias: site.bias)
      made.columns = part.columns
      made.whole = site
      site.parts.append(made)
    }
  }

  /// Applies the layer.
  public func callAsFunction(_ x: Tensor, _ pass: Pass) throws -> Tensor { try site.runLinear(x, pass) }
}
