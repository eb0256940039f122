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

  /// A decoder's head: one with classes of its own, or for the next token, by the token table or a weight of its own.
  static func head(_ scope: Scope, _ embed: Embedding, classes: Int, isTied: Bool) throws -> Linear {
    let shape = embed.weight.shape, scope = scope.child("head")
    guard classes > 0 || !isTied else { return Linear(scope, tied: embed.weight) }
    return try Linear(
      scope, in: shape[1], out: classes > 0 ? classes : shape[0], bias: false, start: .normal(0.02))
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
