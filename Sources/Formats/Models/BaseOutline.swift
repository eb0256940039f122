import Data
import Engine
import FileSystem
import Networks
import Options

/// A model made from a `config.json` alone: all shapes, and numbers drawn by chance or none at all.
public struct BaseOutline {
  /// What stands in for the weights.
  public enum Weights: Sendable {
    /// Nothing: no memory is taken, shapes can be seen and counted, and running is refused.
    case none
    /// Numbers drawn by chance.
    case random
  }

  /// The model.
  public let model: Model
  /// The tokenizer beside the configuration, where there is one that can be read.
  public let tokenizer: (any Tokenizer)?
  /// Sentences on what was left out.
  public let notes: [String]

  /// Makes the model of a configuration: a file, or a folder that holds `config.json`. Throws as opening a folder does.
  public init(
    _ path: String, weights: Weights, head: NewHead? = nil, chance: Chance, files: any Files = .disk
  ) throws {
    let form = try Self.form(path, head, files)
    let count = form.shapes.reduce(0) { $0 + $1.shape.reduce(1, *) }
    guard count < 1 << 42 else {
      throw Failure(
        "\(shown(path)) asks for \(count) numbers, for which there are not even addresses.",
        cure: "Look for a size in it that has digits too many.")
    }
    switch weights {
    case .none:
      // What a shape needs is checked when its parameter is made; nil would draw it.
      model = try form.model(chance: chance) { try? Tensor.blank($1) }
    case .random: model = try form.model(chance: chance) { _, _ in nil }
    }
    guard try files.kind(at: Path.trimmed(path)) == .folder else {
      (tokenizer, notes) = (nil, [])
      return
    }
    var report = BaseFolder.Report()
    let folder = try HuggingFaceFolder(path, files: files)
    tokenizer = BaseFolder.tokenizer(folder, files, model, &report)
    notes = report.notes
  }

  /// How many numbers the model of a configuration has.
  public static func count(_ path: String, head: NewHead? = nil, files: any Files = .disk) throws -> Int {
    try form(path, head, files).shapes.reduce(0) { $0 + $1.shape.reduce(1, *) }
  }

  private static func form(_ path: String, _ head: NewHead?, _ files: any Files) throws -> any BaseForm {
    let path = Path.trimmed(path)
    let isFolder = try files.kind(at: path) == .folder
    let name = isFolder ? Path.join(path, "config.json") : path
    guard try files.exists(name) else { throw files.missing(name) }
    guard let config = try JSON.read(name, files: files).asObject else {
      throw Failure("\(shown(name)) is no configuration.", cure: "Name a config.json, or its folder.")
    }
    guard let type = config["model_type"]?.asString else {
      throw Failure(
        "\(shown(name)) does not say its model_type.", cure: "Add it, for example \"model_type\": \"bloom\".")
    }
    return try BaseFolder.form(of: type, config, path: name, head).form
  }
}
