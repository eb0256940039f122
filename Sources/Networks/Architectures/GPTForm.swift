import Engine
import Options

extension GPT {
  /// Sizes of a GPT.
  public struct Form: SizedForm {
    /// Tokens in the vocabulary.
    public var vocabulary = 256
    /// The most positions.
    public var context = 64
    /// Numbers a position.
    public var width = 64
    /// Blocks.
    public var layers = 2
    /// Attention heads; a divisor of `width`.
    public var heads = 4
    /// Numbers inside the feed-forward layer; 0 means 4·width.
    public var inner = 0
    /// The norms' ε.
    public var epsilon: Float = 1e-5
    /// Whether the head shares the token table.
    public var isTied = true
    /// Classes of a head that answers once a row; 0: a language model.
    public var classes = 0

    /// The defaults: a nano GPT.
    public init() {}

    /// Rows for commands and files.
    public static var options: [Option<Form>] {
      textOptions(\.vocabulary, \.context) + blockOptions() + [
        epsilonOption, Option("tied", \.isTied, "whether the head shares the token table"),
        Option(
          "classes", \.classes, "answer with one of so many classes; 0 goes on with the text", in: 0...100_000
        ),
      ]
    }

    /// Throws when the sizes do not fit each other.
    public func checked() throws -> Form {
      try checkHeads(heads, divide: width)
      return filled()
    }

    /// Names and defaults: of the language model, or of the one that answers with classes.
    public var architecture: Architecture {
      classes > 0 ? GPT.classifier : isTied ? GPT.architecture : GPT.untied
    }

    /// What all blocks are made of. GPT-2 shrinks what is added to the residual stream by the number of additions.
    var block: Block.Form {
      var attention = Attention.Form(width: width, heads: heads)
      attention.projection = .stacked
      attention.outputStart = .normal(0.02 / Float(2 * layers).squareRoot())
      return Block.Form(attention: attention, mlp: .init(inner: inner), norm: .init(epsilon: epsilon))
    }

    /// The names and shapes of all parameters, in the order in which they are built, from the sizes alone: what
    /// a file must hold, known before memory is taken.
    public var shapes: [NamedShape] {
      let form = filled()
      return [("embed.weight", [vocabulary, width]), ("positions.weight", [context, width])]
        + form.blockShapes { _ in form.block } + NamedShapes.affine("norm", [width])
        + headShapes(classes: classes, vocabulary: vocabulary, isTied: isTied)
    }
  }
}
