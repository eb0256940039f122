import TestSupport

@testable import Engine

extension GradientCase {
  /// Attention in all its forms: where q, k and v stand, what is hidden, what is added.
  static let attention: [GradientCase] =
    forms + biased + [
      attention(
        "q, k, v in one tensor", ReferenceAttention(heads: 2, headWidth: 3, isCausal: true),
        inputs: [Input(2, 4, 18)]
      ) { x in
        (HeadColumns(x[0]), HeadColumns(x[0], column: 6), HeadColumns(x[0], column: 12), nil)
      } parts: { x in
        (columns(x[0], 0, 6), columns(x[0], 6, 6), columns(x[0], 12, 6), nil)
      },
      attention(
        "q, k, v interleaved by head", ReferenceAttention(heads: 3, headWidth: 2, isCausal: true),
        inputs: [Input(2, 4, 18)]
      ) { x in
        (
          HeadColumns(x[0], stride: 6), HeadColumns(x[0], column: 2, stride: 6),
          HeadColumns(x[0], column: 4, stride: 6), nil
        )
      } parts: { x in
        func part(_ first: Int) -> Numbers {
          Numbers.concat((0..<3).map { columns(x[0], first + 6 * $0, 2) }, axis: 2)
        }
        return (part(0), part(2), part(4), nil)
      },
      attention(
        "v, q, k in a wider tensor, grouped heads", ReferenceAttention(heads: 4, keyHeads: 2, headWidth: 2),
        inputs: [Input(2, 3, 19)]
      ) { x in
        (HeadColumns(x[0], column: 5), HeadColumns(x[0], column: 14), HeadColumns(x[0]), nil)
      } parts: { x in
        (columns(x[0], 5, 8), columns(x[0], 14, 4), columns(x[0], 0, 4), nil)
      },
      attention(
        "k and v read the same columns", ReferenceAttention(heads: 2, headWidth: 2), inputs: [Input(2, 3, 8)]
      ) { x in
        (HeadColumns(x[0]), HeadColumns(x[0], column: 4), HeadColumns(x[0], column: 4), nil)
      } parts: { x in
        (columns(x[0], 0, 4), columns(x[0], 4, 4), columns(x[0], 4, 4), nil)
      },
      attention(
        "q, k and v are one", ReferenceAttention(heads: 2, headWidth: 2, isCausal: true),
        inputs: [Input(2, 3, 4)]
      ) { x in
        (HeadColumns(x[0]), HeadColumns(x[0]), HeadColumns(x[0]), nil)
      } parts: { x in
        (x[0], x[0], x[0], nil)
      },
      attention(
        "q, k and v are slices of one memory", ReferenceAttention(heads: 2, headWidth: 2),
        inputs: [Input(6, 3, 4)]
      ) { x in
        let parts = try (0..<3).map { try x[0].slice(axis: 0, 2 * $0..<2 * $0 + 2) }
        return (HeadColumns(parts[0]), HeadColumns(parts[1]), HeadColumns(parts[2]), nil)
      } parts: { x in
        let parts = (0..<3).map { x[0].slice(axis: 0, 2 * $0..<2 * $0 + 2) }
        return (parts[0], parts[1], parts[2], nil)
      },
      attention(
        "only the keys of one memory are tracked", ReferenceAttention(heads: 1, headWidth: 3),
        inputs: [Input(1, 3, 9)]
      ) { x in
        (HeadColumns(x[0].plain), HeadColumns(x[0], column: 3), HeadColumns(x[0].plain, column: 6), nil)
      } parts: { x in
        // The frozen parts are constants: numbers that the differences do not move.
        let fixed = Input(1, 3, 9).draw(UInt64("only the keys of one memory are tracked".utf8.count))
        return (columns(fixed, 0, 3), columns(x[0], 3, 3), columns(fixed, 6, 3), nil)
      },
    ]

  private typealias Heads = (HeadColumns, HeadColumns, HeadColumns, (keys: Tensor, values: Tensor)?)
  private typealias Parts = (Numbers, Numbers, Numbers, (keys: Numbers, values: Numbers)?)

  private static func columns(_ x: Numbers, _ first: Int, _ count: Int) -> Numbers {
    x.slice(axis: 2, first..<first + count)
  }

  private static let forms: [GradientCase] = [
    separate("plain", ReferenceAttention(heads: 2, headWidth: 3)),
    separate("causal", ReferenceAttention(heads: 2, headWidth: 3, isCausal: true)),
    separate(
      "causal, fewer queries than keys", ReferenceAttention(heads: 2, headWidth: 3, isCausal: true),
      queries: 2),
    separate(
      "causal, more queries than keys", ReferenceAttention(heads: 1, headWidth: 3, isCausal: true), queries: 6
    ),
    separate("padded", ReferenceAttention(heads: 2, headWidth: 3, mask: [[1, 1, 0, 0], [0, 1, 1, 1]])),
    separate(
      "causal and padded on the left: rows that see nothing",
      ReferenceAttention(heads: 2, headWidth: 3, isCausal: true, mask: [[0, 0, 1, 1], [0, 0, 0, 0]])),
    separate("grouped heads", ReferenceAttention(heads: 6, keyHeads: 2, headWidth: 2, isCausal: true)),
    separate("slopes", ReferenceAttention(heads: 2, headWidth: 3, isCausal: true, slopes: [0.5, 0.125])),
    separate(
      "slopes by places",
      ReferenceAttention(
        heads: 2, headWidth: 3, isCausal: true, mask: [[0, 1, 1, 1], [1, 1, 0, 1]], slopes: [0.5, 0.125],
        places: [[0, 1, 0, 2, 3, 4], [0, 1, 2, 3, 0, 4]]), extra: [2]),
    separate(
      "a window, with extra keys", ReferenceAttention(heads: 2, headWidth: 3, isCausal: true, window: 2),
      extra: [2]),
    separate(
      "a window of one, later queries",
      ReferenceAttention(heads: 4, keyHeads: 2, headWidth: 2, isCausal: true, window: 1), queries: 2),
    separate("extra keys, shared", ReferenceAttention(heads: 2, headWidth: 3, isCausal: true), extra: [2]),
    separate("extra keys by row", ReferenceAttention(heads: 2, headWidth: 3, isCausal: true), extra: [2, 3]),
    separate(
      "extra keys, grouped heads, padded, slopes",
      ReferenceAttention(
        heads: 4, keyHeads: 2, headWidth: 2, isCausal: true, mask: [[0, 0, 1, 1], [1, 1, 1, 0]],
        slopes: [1, 0.5, 0.25, 0.125]), extra: [3]),
    separate(
      "one key head for all, extra by row", ReferenceAttention(heads: 3, keyHeads: 1, headWidth: 2),
      extra: [2, 1]),
    separate(
      "frozen keys and values", ReferenceAttention(heads: 2, headWidth: 3), extra: [2], isFrozen: true),
  ]

  /// q, k and v each a tensor of its own; `extra` is [count] for shared extra keys, [batch, count] for keys by row.
  private static func separate(
    _ name: String, _ form: ReferenceAttention, queries: Int = 4, extra: [Int] = [], isFrozen: Bool = false
  ) -> GradientCase {
    let wide = form.heads * form.headWidth, narrow = form.keyHeads * form.headWidth
    let keys = Input(2, 4, narrow, isFrozen: isFrozen)
    var inputs = [Input(2, queries, wide), keys, keys]
    if !extra.isEmpty {
      var more = Input()
      more.shape = extra + [narrow]
      inputs += [more, more]
    }
    return attention(name, form, inputs: inputs) { x in
      (HeadColumns(x[0]), HeadColumns(x[1]), HeadColumns(x[2]), x.count > 3 ? (x[3], x[4]) : nil)
    } parts: { x in
      (x[0], x[1], x[2], x.count > 3 ? (x[3], x[4]) : nil)
    }
  }

  /// A bias for all rows alike; `extra` is [count] for shared extra keys, [batch, count] for keys by row.
  private static func withBias(
    _ name: String, _ form: ReferenceAttention, queries: Int = 4, keys: Int = 4, extra: [Int] = [],
    isFrozen: Bool = false
  ) -> GradientCase {
    let wide = form.heads * form.headWidth, narrow = form.keyHeads * form.headWidth
    var bias = Input(form.heads, queries, (extra.last ?? 0) + keys)
    bias.isFrozen = isFrozen
    var inputs = [Input(2, queries, wide), Input(2, keys, narrow), Input(2, keys, narrow), bias]
    if !extra.isEmpty {
      var more = Input()
      more.shape = extra + [narrow]
      inputs += [more, more]
    }
    return GradientCase("bias: " + name, "Attention", inputs: inputs) { x in
      try Tensor.attention(
        q: HeadColumns(x[0]), k: HeadColumns(x[1]), v: HeadColumns(x[2]),
        extra: x.count > 4 ? (x[4], x[5]) : nil, bias: x[3], own(form))
    } reference: { x in
      form(x[0], x[1], x[2], extra: x.count > 4 ? (x[4], x[5]) : nil, bias: x[3])
    }
  }

  private static let biased: [GradientCase] = [
    withBias("scale of 1", ReferenceAttention(heads: 2, headWidth: 3, scale: 1)),
    withBias(
      "causal, with the cache's keys", ReferenceAttention(heads: 2, headWidth: 3, isCausal: true, scale: 1),
      queries: 2, keys: 5),
    withBias(
      "padded, extra keys have one too",
      ReferenceAttention(heads: 3, headWidth: 2, mask: [[1, 1, 0, 0], [0, 1, 1, 1]], scale: 1), extra: [2]),
    withBias(
      "causal, grouped heads, extra keys by row",
      ReferenceAttention(heads: 4, keyHeads: 2, headWidth: 2, isCausal: true), extra: [2, 3]),
    withBias(
      "more queries than a tile", ReferenceAttention(heads: 1, headWidth: 2, isCausal: true, scale: 1),
      queries: 19, keys: 19, extra: [1]),
    withBias(
      "other keys than queries, padded",
      ReferenceAttention(heads: 2, headWidth: 2, mask: [[1, 1, 0], [0, 1, 1]], scale: 1), queries: 5, keys: 3),
    withBias("frozen", ReferenceAttention(heads: 2, headWidth: 2, scale: 1), isFrozen: true),
  ]

  private static func own(_ form: ReferenceAttention) -> AttentionForm {
    var own = AttentionForm(heads: form.heads, headWidth: form.headWidth, isCausal: form.isCausal)
    own.keyHeads = form.keyHeads
    own.mask = form.mask.map { KeyMask($0) }
    own.slopes = form.slopes
    own.places = form.places.map { KeyPlaces($0) }
    own.window = form.window
    own.scale = form.scale ?? own.scale
    return own
  }

  private static func attention(
    _ name: String, _ form: ReferenceAttention, inputs: [Input],
    heads: @escaping @Sendable ([Tensor]) throws -> Heads, parts: @escaping @Sendable ([Numbers]) -> Parts
  ) -> GradientCase {
    GradientCase(name, "Attention", inputs: inputs) { x in
      let (q, k, v, extra) = try heads(x)
      return try Tensor.attention(q: q, k: k, v: v, extra: extra, own(form))
    } reference: { x in
      let (q, k, v, extra) = parts(x)
      return form(q, k, v, extra: extra)
    }
  }
}
