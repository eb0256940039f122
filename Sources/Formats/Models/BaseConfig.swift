import FileSystem
import Networks
import Options

/// A `config.json` as it is read: values by key, checked, with errors that name key, value and file.
public struct BaseConfig: Sendable {
  /// All keys.
  public let values: JSON.Object
  /// The file, for errors.
  public let path: String

  /// A configuration and where it stands.
  public init(_ values: JSON.Object, path: String) {
    self.values = values
    self.path = path
  }

  /// The value of the first of some keys that is there and not null.
  public func value(_ keys: String...) -> JSON? { value(keys) }

  private func value(_ keys: [String]) -> JSON? {
    for key in keys {
      if let value = values[key], value != .null { return value }
    }
    return nil
  }

  /// The sizes that every stack of blocks has, under the names that architectures give them; the numbers given are
  /// those of keys that are missing.
  func readSizes<Form: SizedForm>(
    into form: inout Form, width: Int, layers: Int, heads: Int, inner: Int
  ) throws {
    form.width = try integer("hidden_size", "n_embd", "n_embed", standard: width, in: 2...65_536)
    form.layers = try integer("num_hidden_layers", "n_layer", standard: layers, in: 1...1000)
    form.heads = try integer("num_attention_heads", "n_head", standard: heads, in: 1...1024)
    form.inner = try integer("intermediate_size", standard: inner, in: 0...1_048_576)
  }

  /// Whether a switch is on; `standard` where the key is missing. Throws where it is no true or false.
  func flag(_ key: String, standard: Bool) throws -> Bool {
    guard let value = value(key) else { return standard }
    guard let flag = value.asBool else { throw wrong(key, value, "true or false") }
    return flag
  }

  /// A whole number within a range, under the first of some keys that is there; `standard` where none is.
  public func integer(_ keys: String..., standard: Int, in range: ClosedRange<Int>) throws -> Int {
    guard let value = value(keys) else { return standard }
    guard let n = value.asInteger, range.contains(n) else {
      let key = keys.first { values[$0] == value } ?? keys[0]
      throw wrong(key, value, "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return n
  }

  /// A number within a range; `standard` where the key is missing.
  public func number(_ key: String, standard: Double, in range: ClosedRange<Double>) throws -> Double {
    guard let value = value(key) else { return standard }
    guard let x = value.asNumber, range.contains(x) else {
      throw wrong(key, value, "a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return x
  }

  /// Whether the folder says that it holds a model that answers with classes.
  public var isClassifier: Bool {
    let names = values["architectures"]?.asArray?.compactMap(\.asString) ?? []
    return names.contains {
      $0.hasSuffix("ForSequenceClassification") || $0.hasSuffix("ForImageClassification")
    }
  }

  /// Whether the head answers each token with a class.
  public var isTagger: Bool {
    let names = values["architectures"]?.asArray?.compactMap(\.asString) ?? []
    return names.contains { $0.hasSuffix("ForTokenClassification") }
  }

  /// How many classes a head has: the labels that are listed, or their number; two where nothing is said, as in
  /// `transformers`. Throws for heads that answer otherwise.
  public func classes() throws -> Int {
    try require("problem_type", among: ["single_label_classification"])
    if let labels = value("id2label") {
      guard let count = labels.asObject?.count, (1...100_000).contains(count) else {
        throw wrong("id2label", labels, "a list of 1 to 100000 labels by number")
      }
      return count
    }
    return try integer("num_labels", "_num_labels", standard: 2, in: 1...100_000)
  }

  /// What stands inside the feed-forward layers, by `transformers`' name.
  func activation(_ key: String, standard: FeedForward.Activation) throws -> FeedForward.Activation {
    guard let value = value(key) else { return standard }
    if let known = value.asString.flatMap(FeedForward.Activation.init(foreignName:)) { return known }
    let names = FeedForward.Activation.allCases.map(\.foreignName)
    throw wrong(key, value, names.joined(separator: " or "))
  }

  /// Throws unless a key is missing, null, or has one of the values that Graft's network computes.
  public func require(_ key: String, among allowed: [JSON]) throws {
    guard let value = value(key), !allowed.contains(value) else { return }
    throw refused(key, value, among: allowed)
  }

  /// The error for a value that Graft's network does not compute.
  func refused(_ key: String, _ value: JSON, among allowed: [JSON]) -> Failure {
    let texts = allowed.map(BaseConfig.shown).joined(separator: " or ")
    return Failure(
      "\(FileSystem.shown(path)): \(key) is \(BaseConfig.shown(value)), which Graft does not compute.",
      cure: "Open a model where it is \(texts).")
  }

  private func wrong(_ key: String, _ value: JSON, _ wanted: String) -> Failure {
    Failure(
      "\(FileSystem.shown(path)): \(key) is \(BaseConfig.shown(value)), but must be \(wanted).",
      cure: "Fetch the file again, or correct it.")
  }

  /// A value in at most 80 characters, for errors.
  static func shown(_ value: JSON) -> String {
    if case .string(let text) = value { return FileSystem.shown(String(text.prefix(80))) }
    guard let text = try? value.text(), text.utf8.count <= 80 else { return value.kind }
    return text
  }
}
