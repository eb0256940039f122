import FileSystem
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

  /// A whole number within a range, under the first of some keys that is there; `standard` where none is.
  public func integer(_ keys: String..., standard: Int, in range: ClosedRange<Int>) throws -> Int {
    guard let value = value(keys) else { return standard }
    guard let n = value.asInteger, range.contains(n) else {
      throw wrong(keys[0], value, "a whole number from \(range.lowerBound) to \(range.upperBound)")
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

  /// Throws unless a key is missing, null, or has one of the values that Graft's network computes.
  public func require(_ key: String, among allowed: [JSON]) throws {
    guard let value = value(key), !allowed.contains(value) else { return }
    let texts = allowed.map(BaseConfig.shown).joined(separator: " or ")
    throw Failure(
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
