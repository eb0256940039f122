import Engine
import Options

/// A parameter's name and shape, known before memory is taken.
public typealias NamedShape = (name: String, shape: [Int])

/// Names and shapes that recur.
enum NamedShapes {
  /// A weight with its bias, where it has one; it is as long as the weight's first axis.
  static func affine(_ name: String, _ weight: [Int], bias: Bool = true) -> [NamedShape] {
    [(name + ".weight", weight)] + (bias ? [(name + ".bias", [weight[0]])] : [])
  }
}

/// The sizes of an architecture made of transformer blocks: what they all have, with its rows for commands and files.
public protocol SizedForm: Sendable {
  /// The defaults: a nano model.
  init()
  /// Numbers a position.
  var width: Int { get set }
  /// Blocks.
  var layers: Int { get set }
  /// Attention heads.
  var heads: Int { get set }
  /// Numbers inside the feed-forward layer; 0: what is usual for the architecture.
  var inner: Int { get set }
  /// The norms' ε.
  var epsilon: Float { get set }
  /// Numbers inside the feed-forward layer where `inner` is 0.
  var usualInner: Int { get }
  /// Names and shapes of all parameters, in the order in which they are made, from the sizes alone: what a file
  /// must hold, known before memory is taken.
  var shapes: [NamedShape] { get }
}

extension SizedForm {
  /// Four times the width.
  public var usualInner: Int { 4 * width }

  /// Numbers in all parameters, from the sizes alone.
  public var count: Int { shapes.reduce(0) { $0 + $1.shape.reduce(1, *) } }

  /// The same with the usual inner width written out.
  func filled() -> Self {
    var copy = self
    if inner == 0 { copy.inner = usualInner }
    return copy
  }

  /// Rows for what an architecture that reads text has before its blocks; `context` says what its length means.
  static func textOptions(
    _ vocabulary: WritableKeyPath<Self, Int>, _ length: WritableKeyPath<Self, Int>,
    context: String = "the most positions"
  ) -> [Option<Self>] {
    [
      Option("vocab", vocabulary, "tokens in the vocabulary", in: 2...1_000_000),
      Option("ctx", length, context, in: 2...1_000_000),
    ]
  }

  /// Rows for the sizes of the blocks; `heads` and `inner` say what is usual.
  static func blockOptions(
    heads: String = "attention heads; must divide dim", inner: String = "4·dim"
  ) -> [Option<Self>] {
    [
      Option("dim", \.width, "numbers a position (width)", in: 2...65_536),
      Option("layers", \.layers, "blocks", in: 1...1000),
      Option("heads", \.heads, heads, in: 1...1024),
      Option("inner", \.inner, "numbers inside the feed-forward layer; 0 is \(inner)", in: 0...1_048_576),
    ]
  }

  /// The row for the norms' ε.
  static var epsilonOption: Option<Self> { Option("eps", \.epsilon, "the norms' ε", in: 0...1) }

  /// ε as it stands in a config: the shortest decimal of the 32-bit number.
  var epsilonValue: OptionValue { .number(Double("\(epsilon)") ?? Double(epsilon)) }

  /// The blocks, each of its form and in its place.
  func blocks(_ scope: Scope, _ form: (_ layer: Int) -> Block.Form) throws -> [Block] {
    try (0..<layers).map { try Block(scope.child("blocks").child($0), form($0)) }
  }

  /// Names and shapes of the parameters of all blocks.
  func blockShapes(_ form: (_ layer: Int) -> Block.Form) -> [NamedShape] {
    (0..<layers).flatMap { form($0).shapes("blocks.\($0)") }
  }

  /// Name and shape of the head's weight, where it has one of its own.
  func headShapes(classes: Int, vocabulary: Int, isTied: Bool) -> [NamedShape] {
    classes > 0
      ? [("head.weight", [classes, width])] : isTied ? [] : [("head.weight", [vocabulary, width])]
  }
}

/// Throws when heads do not share a width evenly, with those that would.
func checkHeads(_ heads: Int, divide width: Int) throws {
  guard width % heads != 0 else { return }
  let near = (1...width).filter { width % $0 == 0 }.map(String.init).prefix(12).joined(separator: " ")
  throw Failure("heads=\(heads) does not divide dim=\(width).", cure: "Heads that do: \(near)")
}
