import FileSystem
import Options

/// A folder that `graft parity` checks: a batch, models, and adapters with what peft made of them.
///
///     index.json                        the batch; cases left out, with the library's reason
///     <architecture>/base/              config.json, model.safetensors, expected.safetensors
///     <architecture>/<case>/            adapter_config.json, adapter_model.safetensors,
///                                       trainable_init.safetensors, expected.safetensors
///
/// `Scripts/golden_parity.py` writes one.
struct ParityFolder {
  /// A model's folder and the names of its cases.
  struct Architecture {
    let name: String
    let path: String
    let cases: [String]
    /// Cases that the reference library could not run, with its reason.
    let skipped: [(name: String, reason: String)]
    var base: String { Path.join(path, "base") }
  }

  /// The cases that there should be, in the order of the table; others come after them.
  static let known = [
    "lora", "rslora", "dora", "pissa", "lora_bias_all", "lora_alllinear", "prompt_tuning", "prefix_flat",
    "prefix_mlp", "p_tuning_mlp", "p_tuning_lstm", "ia3",
  ]
  /// The tensors that train, under their live names, before training.
  static let startName = "trainable_init.safetensors"
  /// What peft computes.
  static let expectedName = "expected.safetensors"

  let batch: ParityBatch
  let architectures: [Architecture]

  /// Reads the index and the names of what there is; throws where that is no such folder.
  init(_ path: String, files: any Files) throws {
    let index = Path.join(path, "index.json")
    guard case .folder = try files.kind(at: path) else {
      throw Failure(
        "\(shown(path)) is no folder.", cure: "Name a folder that Scripts/golden_parity.py wrote.")
    }
    guard try files.exists(index) else {
      throw Failure(
        "\(shown(path)) has no index.json, so it is no folder of parity checks.",
        cure: "Scripts/golden_parity.py DIR writes one.")
    }
    batch = try ParityBatch(index, files: files)
    let left = try JSON.read(index, files: files)["skipped"]
    func folders(_ path: String) throws -> [String] {
      try files.names(in: path).filter {
        !$0.hasPrefix(".") && (try? files.kind(at: Path.join(path, $0))) == .folder
      }
    }
    architectures = try folders(path).map { name in
      let own = Path.join(path, name)
      let cases = try folders(own).filter { $0 != "base" }
      let order = { (name: String) in ParityFolder.known.firstIndex(of: name) ?? ParityFolder.known.count }
      let skipped = (left?[name]?.asObject?.members ?? []).filter { !cases.contains($0.key) }
      return Architecture(
        name: name, path: own, cases: cases.sorted { (order($0), $0) < (order($1), $1) },
        skipped: skipped.map { ($0.key, $0.value.asString ?? "no reason is given") })
    }
    guard !architectures.isEmpty else {
      throw Failure("\(shown(path)) has an index.json but no model beside it.", cure: "Write it again.")
    }
  }
}

/// The batch that all cases of a parity folder share.
struct ParityBatch {
  /// [rows][columns]
  let ids: [[Int]]
  /// 1 for real tokens, 0 for padding; [rows][columns].
  let mask: [[UInt8]]
  /// The token at each place, −100 where it carries no loss; [rows][columns].
  let labels: [[Int]]
  /// What a decoder of its own shall write, −100 where it carries no loss, [rows][answer columns]; nil: the index has
  /// none.
  let answers: [[Int]]?
  /// The class of each row, where the index has one.
  let classes: [Int32]?

  /// Reads `inputs` of an index; throws the key that is missing or wrong.
  init(_ path: String, files: any Files) throws {
    let inputs = try JSON.read(path, files: files)["inputs"]
    func rows(_ key: String, _ allowed: ClosedRange<Int>) throws -> [[Int]] {
      let wrong = Failure(
        "\(shown(path)): inputs.\(key) is not rows of whole numbers, all of one length.",
        cure: "Scripts/golden_parity.py writes such a file.")
      guard let lists = inputs?[key]?.asArray, !lists.isEmpty, lists.count <= 4096 else { throw wrong }
      let rows = lists.map { $0.asArray?.compactMap(\.asInteger) ?? [] }
      let counts = lists.map { $0.asArray?.count ?? 0 }
      guard let width = counts.first, width > 0, width <= 1 << 16, rows.map(\.count) == counts,
        counts.allSatisfy({ $0 == width }), rows.joined().allSatisfy(allowed.contains)
      else { throw wrong }
      return rows
    }
    ids = try rows("input_ids", 0...Int(Int32.max))
    mask = try rows("attention_mask", 0...1).map { $0.map { UInt8($0) } }
    labels = try rows("labels_causal", -100...Int(Int32.max))
    answers = inputs?["labels_seq2seq"] == nil ? nil : try rows("labels_seq2seq", -100...Int(Int32.max))
    let given = inputs?["labels_cls"]?.asArray?.map { $0.asInteger ?? $0.asArray?.first?.asInteger ?? -100 }
    classes = given.map { $0.map { Int32(clamping: $0) } }
    guard ids.map(\.count) == mask.map(\.count), ids.map(\.count) == labels.map(\.count),
      answers.map({ $0.count == ids.count }) ?? true
    else {
      throw Failure(
        "\(shown(path)): input_ids, attention_mask and labels_causal are not of one size.",
        cure: "Scripts/golden_parity.py writes such a file.")
    }
  }
}
