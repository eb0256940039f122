import Engine
import FileSystem
import Networks
import Options

/// The head of a classification task in the `adapters` library's folders: `model_head.safetensors`, under the names
/// of the model's own files, with `head_config.json` beside it.
enum LibraryHead {
  static let weightsName = "model_head.safetensors", configName = "head_config.json"

  /// The two files of the head that an attachment trains; none where it trains none.
  static func parts(_ attachment: Attachment, _ model: Model, _ adapter: JSON.Object) throws -> [FolderPart] {
    let named = attachment.head.compactMap { one in model.architecture.fileName(one.name).map { ($0, one) } }
    guard let classes = attachment.head.first?.shape.first, !named.isEmpty else { return [] }
    let labels = (0..<classes).map { ("LABEL_\($0)", JSON.integer($0)) }
    var config = JSON.Object()
    config["config"] = .null
    for key in ["hidden_size", "model_class", "model_name", "model_type", "version"] {
      config[key] = adapter[key]
    }
    config["label2id"] = .object(JSON.Object(labels))
    config["name"] = .null
    config["num_labels"] = .integer(classes)
    return [
      FolderPart(configName, text: try JSON.object(config).text(.huggingFace)),
      FolderPart(weightsName, try Safetensors.contents(named.map { .init($0.0, $0.1.value.plain) })),
    ]
  }

  /// Puts a folder's head into the model's, as the attachment's own.
  static func fill(
    _ attachment: Attachment, _ folder: HuggingFaceFolder, _ model: Model, _ report: inout AdapterReport,
    _ files: any Files
  ) throws {
    let file = try Safetensors(Path.join(folder.path, weightsName), files: files)
    var left = Set(file.names)
    for parameter in attachment.head {
      let name = model.architecture.fileName(parameter.name) ?? parameter.name
      guard let entry = file.entries.first(where: { $0.name == name }) else {
        throw Failure(
          "\(shown(file.path)) lacks \(name), the head of this model.",
          cure: "Open the base that it was made for.")
      }
      guard entry.shape == parameter.shape else {
        throw Failure(
          "\(shown(file.path)): \(name) is \(entry.shape), but this model's is \(parameter.shape).",
          cure: "Open the base with a head for as many classes.")
      }
      parameter.value = try file.tensor(entry)
      left.remove(name)
      report.isFinite = report.isFinite && parameter.value.isFinite
      report.matched.append(AdapterKey(key: name, shape: entry.shape))
      report.count += parameter.count
    }
    // A language model's head is the model's own, which the library writes all the same.
    guard !left.isEmpty else { return }
    report.notes.append("The head in \(weightsName) was left out: \(left.sorted().joined(separator: ", ")).")
  }
}
