import Engine
import FileSystem
import Options

/// What an adapter's folder holds, told without its base: method, targets, scale, and how large its change is
/// module by module.
public struct AdapterSummary: Sendable, Equatable {
  /// One tensor of a module.
  public struct Item: Sendable, Equatable {
    /// Its key inside the module (`lora_A.weight`) and its shape.
    public var key: AdapterKey
    /// The square root of the sum of squares.
    public var norm: Float
  }

  /// What the adapter has for one module; without a name: for the whole model.
  public struct Module: Sendable, Equatable {
    /// `transformer.h.0.attn.c_attn`
    public var name: String
    /// Its tensors.
    public var tensors: [Item]
    /// ‖s·B·A‖ of a LoRA; nil for other methods.
    public var change: Float?
  }

  /// `peft`'s name of the method.
  public let type: String
  /// `target_modules` as it stands; empty where it is missing.
  public let targets: [String]
  /// `layers_to_transform`; empty: all.
  public let layers: [Int]
  /// LoRA's rank.
  public let rank: Int?
  /// LoRA's α.
  public let alpha: Double?
  /// What multiplies B·A: α/r, or α/√r with `use_rslora`.
  public let scale: Double?
  /// The modules, in the order of their names.
  public let modules: [Module]
  /// Numbers in all tensors.
  public let count: Int
  /// Bytes of all tensors.
  public let bytes: Int

  /// Reads a folder; tensors of formats that are not read as numbers are left out of the norms.
  public init(_ path: String, files: any Files = .disk) throws {
    let folder = try AdapterFolder(path, files: files), config = folder.config
    func texts(_ key: String) -> [JSON] { config[key]?.asArray ?? config[key].map { [$0] } ?? [] }
    type = folder.peftType
    targets = texts("target_modules").compactMap(\.asString).sorted()
    layers = texts("layers_to_transform").compactMap(\.asInteger)
    if type == "LORA" {
      let r = config["r"]?.asInteger ?? 8, alpha = config["lora_alpha"]?.asNumber ?? 8
      let isRoot = config["use_rslora"]?.asBool == true
      (rank, self.alpha) = (r, alpha)
      scale = r > 0 ? alpha / (isRoot ? Double(r).squareRoot() : Double(r)) : nil
    } else {
      (rank, alpha, scale) = (nil, nil, nil)
    }
    var modules: [String: Module] = [:]
    for tensor in folder.tensors {
      let (module, key) = AdapterSummary.split(tensor.name)
      let norm = tensor.entry.dtype.format == nil ? 0 : try folder.file.tensor(tensor.entry).norm
      let item = Item(key: AdapterKey(key: key, shape: tensor.entry.shape), norm: norm)
      modules[module, default: Module(name: module, tensors: [])].tensors.append(item)
    }
    for (name, module) in modules {
      modules[name]?.tensors.sort { $0.key.key < $1.key.key }
      modules[name]?.change = try AdapterSummary.change(of: module, in: folder, scale)
    }
    self.modules = modules.values.sorted { $0.name < $1.name }
    count = folder.tensors.reduce(0) { $0 + $1.entry.count }
    bytes = folder.tensors.reduce(0) { $0 + $1.entry.range.count }
  }

  /// The module and the key inside it: what `peft` adds begins with its own word.
  private static func split(_ name: String) -> (module: String, key: String) {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let words = ["lora_", "ia3_", "ln_tuning"]
    let own = parts.lastIndex { part in words.contains { part.hasPrefix($0) } } ?? max(0, parts.count - 1)
    return (parts[..<own].joined(separator: "."), parts[own...].joined(separator: "."))
  }

  /// ‖s·B·A‖ by way of small matrices: ‖B·A‖² = Σ (BᵀB)∘(AAᵀ), both [r, r].
  private static func change(of module: Module, in folder: AdapterFolder, _ scale: Double?) throws -> Float? {
    func tensor(_ key: String) throws -> Tensor? {
      let found = folder.tensors.first { $0.name == module.name + "." + key && $0.entry.dtype.format != nil }
      return try found.map { try folder.file.tensor($0.entry) }
    }
    guard let scale, let a = try tensor("lora_A.weight"), let b = try tensor("lora_B.weight"),
      a.shape.count == 2, b.shape.count == 2, a.shape[0] == b.shape[1], a.count > 0, b.count > 0
    else { return nil }
    let left = try b.transposed().matmul(b).scalars, right = try a.matmul(a.transposed()).scalars
    let sum = zip(left, right).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    return Float(abs(scale) * max(0, sum).squareRoot())
  }
}
