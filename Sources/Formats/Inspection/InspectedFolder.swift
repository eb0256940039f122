import FileSystem
import Options

/// An adapter's folder as far as it can be read, without asking that it be right: what is wrong becomes a finding.
struct InspectedFolder {
  /// A tensor, by its key and by the name that the key means.
  struct Item {
    let key: String
    let name: String
    let entry: Safetensors.Entry
    let file: Safetensors
  }

  /// The path.
  let path: String
  /// The configuration; of an `adapters` folder the inner one. Empty where there is none.
  let config: JSON.Object
  /// The outer configuration of an `adapters` folder.
  let outer: JSON.Object?
  /// The tensors in the order of their names.
  let items: [Item]
  /// What was found wrong on the way.
  let findings: [Finding]
  let files: any Files

  /// Reads what there is; throws for a path that is no folder, for broken files, for pickles, and where nothing
  /// of an adapter is there.
  init(_ path: String, files: any Files) throws {
    let path = Path.trimmed(path)
    guard try files.kind(at: path) == .folder else {
      if try !files.exists(path) { throw files.missing(path) }
      throw Failure("\(shown(path)) is not a folder.", cure: "Name the folder that has adapter_config.json.")
    }
    self.path = path
    self.files = files
    let names = try files.names(in: path)
    var findings: [Finding] = []
    let whole = try InspectedFolder.config(path, names, files, &findings)
    if let inner = whole["config"]?.asObject {
      (config, outer) = (inner, whole)
    } else {
      (config, outer) = (whole, nil)
    }
    let weights = try InspectedFolder.weights(path, names)
    guard whole.count > 0 || weights != nil else { throw InspectedFolder.nothing(path, names) }
    guard let weights else {
      items = []
      self.findings =
        findings + [
          Finding(.problem, "There is no adapter_model.safetensors: nothing could be loaded.")
        ]
      return
    }
    if outer == nil, weights != AdapterFolder.weightsName {
      findings.append(
        Finding(
          .problem, "The weights are named \(shown(weights)); peft looks for adapter_model.safetensors."))
    }
    let file = try Safetensors(Path.join(path, weights), files: files)
    var seen: [ExactText: String] = [:]
    let entries = file.entries.map { entry -> Item in
      let name = AdapterFolder.name(ofKey: entry.name)
      if let other = seen.updateValue(entry.name, forKey: ExactText(name)) {
        findings.append(
          Finding(.problem, "The keys \(shown(other)) and \(shown(entry.name)) mean the same tensor."))
      }
      return Item(key: entry.name, name: name, entry: entry, file: file)
    }
    items = entries.sorted { ExactText.precedes($0.name, $1.name) }
    self.findings = findings
  }

  private static func config(
    _ path: String, _ names: [String], _ files: any Files, _ findings: inout [Finding]
  ) throws -> JSON.Object {
    guard names.contains(AdapterFolder.configName) else {
      findings.append(Finding(.problem, "There is no adapter_config.json: peft cannot tell what it is."))
      return JSON.Object()
    }
    let full = Path.join(path, AdapterFolder.configName), json = try JSON.read(full, files: files)
    guard let object = json.asObject else {
      throw Failure("\(shown(full)) holds \(json.kind), not an object.", cure: "Fetch the file again.")
    }
    return object
  }

  /// The file with the weights; throws where there are only pickles.
  private static func weights(_ path: String, _ names: [String]) throws -> String? {
    let known = [AdapterFolder.weightsName, "adapter.safetensors"].first(where: names.contains)
    if let known { return known }
    let others = names.filter { $0.hasSuffix(".safetensors") && $0.contains("adapter") }
    if let other = others.first { return other }
    let isAdapter = names.contains(AdapterFolder.configName)
    let pickle = names.first { Pickle.isNamed($0) && ($0.contains("adapter") || isAdapter) }
    if let pickle { throw Pickle.refusal(of: Path.join(path, pickle)) }
    return nil
  }

  private static func nothing(_ path: String, _ names: [String]) -> Failure {
    let held =
      names.isEmpty ? ["It is empty."] : wrapped(names.prefix(20).map { shown($0) }, prefix: "It holds: ")
    return Failure(
      "\(shown(path)) holds no adapter.",
      cure: names.contains("config.json")
        ? "It is a model: let m = open \(path)"
        : "Name the folder that has adapter_config.json; it may be a folder inside this one.",
      details: held)
  }
}

/// Something about an adapter that one should know.
public struct Finding: Sendable, Equatable {
  /// How much it matters.
  public enum Level: String, Sendable {
    /// It fails to load, or does something else than it should.
    case problem
    /// It may be meant, or not.
    case suspicion
    /// Good to know.
    case remark
  }

  /// How much it matters.
  public let level: Level
  /// What it is, in a sentence.
  public let text: String

  init(_ level: Level, _ text: String) { (self.level, self.text) = (level, text) }
}
