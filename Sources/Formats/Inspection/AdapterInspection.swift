import Engine
import FileSystem
import Methods
import Networks
import Options

/// What an adapter's folder holds, told without its base: method, targets, the scale really used, how large its
/// change is module by module, and what would fail.
public struct AdapterInspection: Sendable, Equatable {
  /// The folder.
  public let path: String
  /// `peft`'s name of the method, or the `adapters` library's; empty where the folder does not say.
  public let type: String
  /// Which library wrote it: `peft`, with its version where that stands there; or `adapters`.
  public let library: String
  /// What it was made for: base and task, where they stand there.
  public let base: String?
  /// The task, as `peft` names it.
  public let task: String?
  /// `target_modules` as it stands, sorted; empty where it is missing.
  public let targets: [String]
  /// The modules, in the order of their names.
  public let modules: [InspectedModule]
  /// What one should know, the worst first.
  public let findings: [Finding]
  /// Numbers in all tensors.
  public let count: Int
  /// Bytes of all tensors.
  public let bytes: Int
  /// How many tensors there are.
  public let tensors: Int
  /// The settings, as they stand in the file.
  public let settings: [(key: String, value: JSON)]

  let folder: InspectedFolder
  let scale: InspectedScale

  /// Reads a folder; throws only where there is nothing to look at: no adapter, a pickle, a broken file.
  public init(_ path: String, files: any Files = .disk, interrupt: Interrupt? = nil) throws {
    folder = try InspectedFolder(path, files: files)
    let config = folder.config
    self.path = folder.path
    type = AdapterInspection.type(folder)
    library = AdapterInspection.library(folder)
    base = (config["base_model_name_or_path"] ?? folder.outer?["model_name"])?.asString
    task = config["task_type"]?.asString
    let listed = config["target_modules"]
    targets = (listed?.asArray ?? listed.map { [$0] } ?? []).compactMap(\.asString).sorted()
    let scale = InspectedScale(config: config)
    self.scale = scale
    var groups: [ExactText: [(key: String, item: InspectedFolder.Item)]] = [:]
    for item in folder.items {
      let (module, key) = AdapterInspection.split(item.name)
      groups[ExactText(module), default: []].append((key, item))
    }
    modules = try groups.sorted { ExactText.precedes($0.key.text, $1.key.text) }.map { name, items in
      try interrupt?.check()
      return try InspectedModule(name.text, items, scale: scale.scale(of: name.text))
    }
    count = folder.items.reduce(0) { $0 + $1.entry.count }
    bytes = folder.items.reduce(0) { $0 + $1.entry.range.count }
    tensors = folder.items.count
    settings = config.members.map { ($0.key, $0.value) }
    let order: [Finding.Level] = [.problem, .suspicion, .remark]
    let all = folder.findings + InspectionFindings(type, folder, modules).all()
    findings = order.flatMap { level in all.filter { $0.level == level } }
  }

  /// Whether everything shown is the same.
  public static func == (a: AdapterInspection, b: AdapterInspection) -> Bool {
    a.path == b.path && a.modules == b.modules && a.findings == b.findings
      && a.settings.elementsEqual(b.settings) { $0.key == $1.key && $0.value == $1.value }
  }

  private static func type(_ folder: InspectedFolder) -> String {
    guard folder.outer != nil else { return folder.config["peft_type"]?.asString ?? "" }
    if let name = folder.config["architecture"]?.asString { return name }
    switch (folder.config["mh_adapter"]?.asBool, folder.config["output_adapter"]?.asBool) {
    case (true, true): return "double_seq_bn (Houlsby)"
    case (false, true): return folder.config["is_parallel"]?.asBool == true ? "par_bn" : "seq_bn (Pfeiffer)"
    default: return "bottleneck"
    }
  }

  private static func library(_ folder: InspectedFolder) -> String {
    if let outer = folder.outer {
      return outer["version"]?.asString.map { $0.hasPrefix("adapters") ? $0 : "adapters \($0)" } ?? "adapters"
    }
    return folder.config["peft_version"]?.asString.map { "peft \($0)" } ?? "peft"
  }

  /// The module and the key inside it: what `peft` or `adapters` adds begins with its own word.
  static func split(_ name: String) -> (module: String, key: String) {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    let isOwn = { (part: String) in
      part == "adapters" || ["lora_", "ia3_", "ln_tuning", "ssf_"].contains { part.hasPrefix($0) }
    }
    let own = parts.lastIndex(where: isOwn) ?? max(0, parts.count - 1)
    return (parts[..<own].joined(separator: "."), parts[own...].joined(separator: "."))
  }
}
