import Engine
import FileSystem
import Networks

/// What opening and writing a base asks of an architecture: its sizes from `config.json` and back, its
/// parameters, and a model of them.
///
/// A new architecture is one more file like `GPTForm.swift` and one line in `BaseForms.all`.
public protocol BaseForm: Sendable {
  /// Hugging Face's words for it under `model_type`: `gpt2`.
  static var modelTypes: [String] { get }
  /// Names and other facts of the architecture with this form's head.
  var architecture: Architecture { get }
  /// Classes of a head that answers once a row; 0: it answers at every position.
  var classes: Int { get set }
  /// The form with a head that answers each token with a class; nil: there is none.
  var ofTokens: Self? { get }
  /// Reads sizes and switches; throws what Graft's network does not compute, by the key that asks for it.
  init(config: BaseConfig) throws
  /// The form of the model that a file holds, where the configuration leaves something to the file.
  func following(_ files: ShardedTensors) throws -> Self
  /// Names and shapes of all parameters, from the sizes alone.
  var shapes: [(name: String, shape: [Int])] { get }
  /// Builds the model; `source` has a tensor for each name of `shapes`.
  func model(chance: Chance, source: @escaping (_ name: String, _ shape: [Int]) -> Tensor?) throws -> Model
  /// The architecture's own keys of `config.json` for a model of it.
  static func config(of model: Model) -> JSON.Object
  /// The shape in a file of a parameter of ours.
  func fileShape(_ name: String, _ shape: [Int]) -> [Int]
  /// Whether a parameter belongs to the task rather than to the base, so that a file may be without it.
  func isOfTask(_ name: String) -> Bool
  /// Whether a tensor of the file is one that nobody needs: a buffer that older libraries saved, what this form's head
  /// does without.
  func isBuffer(_ name: String) -> Bool
}

extension BaseForm {
  /// As the configuration says.
  public func following(_ files: ShardedTensors) throws -> Self { self }

  /// As ours; turned round where the file holds [in, out].
  public func fileShape(_ name: String, _ shape: [Int]) -> [Int] {
    architecture.isTransposed(name) ? shape.reversed() : shape
  }

  /// None.
  public var ofTokens: Self? { nil }

  /// The head that answers with classes.
  public func isOfTask(_ name: String) -> Bool { classes > 0 && name.hasPrefix("head.") }
}

extension Architecture {
  /// Whether the file holds this parameter of ours turned round.
  func isTransposed(_ name: String) -> Bool {
    let (module, leaf) = BaseLoader.split(name)
    return leaf == "weight" && row(module)?.isTransposed == true
  }
}

/// The architectures whose folders are opened and written.
public enum BaseForms {
  /// One line an architecture.
  public static var all: [any BaseForm.Type] {
    [GPT.Form.self, Llama.Form.self, BLOOM.Form.self, BERT.Form.self, ViT.Form.self, T5.Form.self]
  }

  /// The form of a `model_type`, or nil.
  public static func named(_ type: String) -> (any BaseForm.Type)? {
    all.first { $0.modelTypes.contains(type) }
  }
}
