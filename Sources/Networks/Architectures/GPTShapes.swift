extension GPT.Form {
  /// Names and defaults: of the language model, or of the one that answers with classes.
  public var architecture: Architecture { classes > 0 ? GPT.classifier : GPT.architecture }

  /// The names and shapes of all parameters, in the order in which they are built, from the sizes alone: what
  /// a file must hold, known before memory is taken.
  public var shapes: [(name: String, shape: [Int])] {
    let inner = inner == 0 ? 4 * width : inner
    func affine(_ name: String, _ weight: [Int], _ bias: Int) -> [(name: String, shape: [Int])] {
      [(name + ".weight", weight), (name + ".bias", [bias])]
    }
    var all: [(name: String, shape: [Int])] = [
      ("embed.weight", [vocabulary, width]), ("positions.weight", [context, width]),
    ]
    for i in 0..<layers {
      let block = "blocks.\(i)."
      all += affine(block + "norm1", [width], width)
      all += affine(block + "attn.qkv", [3 * width, width], 3 * width)
      all += affine(block + "attn.o", [width, width], width)
      all += affine(block + "norm2", [width], width)
      all += affine(block + "mlp.up", [inner, width], inner)
      all += affine(block + "mlp.down", [width, inner], width)
    }
    all += affine("norm", [width], width)
    return classes > 0 ? all + [("head.weight", [classes, width])] : all
  }
}
