import Engine
import FileSystem
import Options

/// Two adapters side by side: settings that differ, and how their changes relate, module by module.
public struct AdapterDifference: Sendable, Equatable {
  /// A setting that is not the same in both.
  public struct Setting: Sendable, Equatable {
    /// Its key.
    public let key: String
    /// Its value in the first; nil: missing there.
    public let first: JSON?
    /// Its value in the second; nil: missing there.
    public let second: JSON?
  }

  /// A module of both, or of one.
  public struct Module: Sendable, Equatable {
    /// Its name; empty: the whole model.
    public let name: String
    /// Norms of the two changes: ‖s·B·A‖, or of all tensors there; nil where it has none.
    public let first: Double?, second: Double?
    /// ‖first − second‖; nil where they cannot be compared.
    public let difference: Double?
    /// The cosine between the two changes; nil where one is zero or they cannot be compared.
    public let cosine: Double?
  }

  /// Settings that differ, in the order of their keys.
  public let settings: [Setting]
  /// All modules of both, in the order of their names.
  public let modules: [Module]

  /// Settings that say nothing about what an adapter does.
  private static let silent: Set<String> = [
    "peft_version", "base_model_name_or_path", "inference_mode", "auto_mapping", "revision",
  ]

  /// Compares two folders that were read.
  public init(_ a: AdapterInspection, _ b: AdapterInspection, interrupt: Interrupt? = nil) throws {
    let first = a.folder.config, second = b.folder.config
    settings = Set(first.keys + second.keys).subtracting(Self.silent).sorted().compactMap { key in
      let setting = Setting(key: key, first: first[key], second: second[key])
      return Self.isSame(setting.first ?? .null, setting.second ?? .null) ? nil : setting
    }
    let names = Set((a.modules + b.modules).map { ExactText($0.name) }).map(\.text)
    let ours = Self.groups(a), theirs = Self.groups(b)
    modules = try names.sorted(by: ExactText.precedes).map { name in
      try interrupt?.check()
      return try Self.module(
        name, Change(ours[ExactText(name)], name, a), Change(theirs[ExactText(name)], name, b))
    }
  }

  /// Lists of names are sets to peft; a missing key and null are the same.
  private static func isSame(_ a: JSON, _ b: JSON) -> Bool {
    if let a = a.asArray?.compactMap(\.asString), let b = b.asArray?.compactMap(\.asString), !a.isEmpty {
      return Set(a) == Set(b)
    }
    if let a = a.asNumber, let b = b.asNumber { return a == b }
    return a == b
  }

  private static func groups(_ one: AdapterInspection) -> [ExactText: [String: InspectedFolder.Item]] {
    var groups: [ExactText: [String: InspectedFolder.Item]] = [:]
    for item in one.folder.items {
      let (module, key) = AdapterInspection.split(item.name)
      groups[ExactText(module), default: [:]][key] = item
    }
    return groups
  }

  /// A module's change: a low-rank product, or its tensors one after another.
  private struct Change {
    var factors: (a: Tensor, b: Tensor, scale: Double)?
    var tensors: [String: Tensor] = [:]

    init?(_ items: [String: InspectedFolder.Item]?, _ name: String, _ folder: AdapterInspection) throws {
      guard let items else { return nil }
      for (key, item) in items where item.entry.dtype.format != nil {
        tensors[key] = try item.file.tensor(item.entry)
      }
      if let (a, b) = InspectedModule.factors(tensors),
        let scale = folder.scale.scale(of: name)
      {
        factors = (a, b, scale)
      }
    }

    /// ⟨x, y⟩; of products by way of small matrices: ⟨B₁A₁, B₂A₂⟩ = Σ (B₁ᵀB₂)∘(A₁A₂ᵀ).
    func product(_ other: Change) throws -> Double? {
      if let one = factors, let two = other.factors {
        guard one.a.shape[1] == two.a.shape[1], one.b.shape[0] == two.b.shape[0] else { return nil }
        let left = try one.b.matmul(two.b, transposedSelf: true).scalars
        let right = try one.a.matmul(two.a, transposed: true).scalars
        return one.scale * two.scale * zip(left, right).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      }
      guard factors == nil, other.factors == nil, Set(tensors.keys) == Set(other.tensors.keys) else {
        return nil
      }
      var sum = 0.0
      for (key, x) in tensors {
        guard let y = other.tensors[key], x.shape == y.shape else { return nil }
        sum += zip(x.scalars, y.scalars).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      }
      return sum
    }

    func norm() throws -> Double? { try product(self).map { max(0, $0).squareRoot() } }
  }

  private static func module(_ name: String, _ a: Change?, _ b: Change?) throws -> Module {
    let x = try a?.norm(), y = try b?.norm()
    guard let a, let b, let x, let y, let product = try a.product(b) else {
      return Module(name: name, first: x, second: y, difference: nil, cosine: nil)
    }
    let square = x * x + y * y - 2 * product
    let cosine = x > 0 && y > 0 ? min(1, max(-1, product / (x * y))) : nil
    return Module(name: name, first: x, second: y, difference: max(0, square).squareRoot(), cosine: cosine)
  }
}
