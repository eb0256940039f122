import Engine
import FileSystem
import Networks

/// What opening and writing a base asks of an architecture: its sizes from `config.json` and back, its
/// parameters, and a model of them.
///
/// A new architecture is one more file like `GPTForm.swift` and one line in `BaseForms.all`.
public protocol BaseForm: Sendable {
  /// Names and other facts of the architecture.
  static var architecture: Architecture { get }
  /// Reads sizes and switches; throws what Graft's network does not compute, by the key that asks for it.
  init(config: BaseConfig) throws
  /// Names and shapes of all parameters, from the sizes alone.
  var shapes: [(name: String, shape: [Int])] { get }
  /// Builds the model; `source` has a tensor for each name of `shapes`.
  func model(chance: Chance, source: @escaping (_ name: String, _ shape: [Int]) -> Tensor?) throws -> Model
  /// The architecture's own keys of `config.json` for a model of it.
  static func config(of model: Model) -> JSON.Object
  /// Whether a tensor of the file is a buffer that older libraries saved and nobody needs.
  static func isBuffer(_ name: String) -> Bool
}

/// The architectures whose folders are opened and written.
public enum BaseForms {
  /// One line an architecture.
  public static var all: [any BaseForm.Type] { [GPT.Form.self] }

  /// The form of a `model_type`, or nil.
  public static func named(_ type: String) -> (any BaseForm.Type)? {
    all.first { $0.architecture.type == type }
  }
}
