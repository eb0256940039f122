import Engine
import FileSystem
import Networks
import Options

/// DINOv2's vision transformer inside an ONNX file, as a folder that `open` and `transformers` read; whatever else
/// stands in the file is left there.
///
/// PyTorch's export keeps the names of most tensors, behind `backbone.`. Those that it changed on the way have lost
/// theirs, and are found by the operation that reads them:
///
///     /backbone/encoder/layer.0/mlp/fc1/MatMul   x·W     W is [in, out]: turned round, encoder.layer.0.mlp.fc1.weight
///     /backbone/embeddings/Concat_N              [p ; …]                 the class token's position
///     /backbone/embeddings/Reshape_N             [1, n, width] → grid    the patches' positions
public struct DINOv2ONNX {
  /// The sizes that the file's tensors have.
  public let form: ViT.Form
  private let file: ONNX
  /// Tensors that keep their sizes, by Hugging Face's names, and those that are turned round.
  private var plain: [String: ONNX.Constant] = [:], turned: [String: ONNX.Constant] = [:]
  /// The class token's position, then the patches'.
  private let positions: [ONNX.Constant]

  private static let start = "backbone"
  private static let positionName = "embeddings.position_embeddings"

  /// Finds the tensors and their sizes; throws with what is missing where the file holds no such network.
  public init(_ file: ONNX) throws {
    self.file = file
    for constant in file.constants where constant.name.hasPrefix(Self.start + ".") {
      plain[String(constant.name.dropFirst(Self.start.count + 1))] = constant
    }
    let embeddings = "/\(Self.start)/embeddings/"
    var first: ONNX.Constant?, rest: ONNX.Constant?
    for node in file.nodes where node.name.hasPrefix("/\(Self.start)/") {
      if node.operation == "MatMul", node.inputs.count == 2, let weight = file[node.inputs[1]] {
        let module = node.name.split(separator: "/").dropFirst().dropLast().joined(separator: ".")
        turned[module + ".weight"] = weight
      } else if node.name.hasPrefix(embeddings), let table = node.inputs.first.flatMap({ file[$0] }) {
        if node.operation == "Concat" { first = table }
        if node.operation == "Reshape" { rest = table }
      }
    }
    guard let first, let rest else {
      throw file.wrong("no operation of \(embeddings) reads a table of positions")
    }
    positions = [first, rest]
    form = try Self.form(file, plain, turned, patches: rest)
    try check()
  }

  /// Writes `config.json` and `model.safetensors` of a file into a new folder, all or nothing.
  public static func convert(_ path: String, to folder: String) throws {
    try DINOv2ONNX(ONNX(path)).write(to: folder)
  }

  /// Writes them, to any disk.
  public func write(to folder: String, files: any Files = .disk) throws {
    let parts = try names.map { try part($0.name, $0.shape) }
    let config = try JSON.object(config).text(.huggingFace) + "\n"
    try files.writeFolder(
      folder,
      [
        FolderPart("config.json", text: config),
        FolderPart("model.safetensors", try Safetensors.contents(parts)),
      ])
  }

  // MARK: Sizes

  private static func form(
    _ file: ONNX, _ plain: [String: ONNX.Constant], _ turned: [String: ONNX.Constant], patches: ONNX.Constant
  ) throws -> ViT.Form {
    func shape(_ name: String, _ tensors: [String: ONNX.Constant], axes: Int) throws -> [Int] {
      guard let found = tensors[name] else { throw file.wrong("it has no \(name) behind \(start)") }
      guard found.shape.count == axes, found.shape.allSatisfy({ (1...1 << 20).contains($0) }) else {
        throw file.wrong("\(name) is \(found.shape), which has not \(axes) axes of sound sizes")
      }
      return found.shape
    }
    let kernel = try shape("embeddings.patch_embeddings.projection.weight", plain, axes: 4)
    let inner = try shape("encoder.layer.0.mlp.fc1.weight", turned, axes: 2)[1]
    let table = try shape("positions", ["positions": patches], axes: 3)
    let side = Int(Double(table[1]).squareRoot().rounded())
    guard side * side == table[1], kernel[2] == kernel[3], kernel[0] % headWidth == 0, inner % kernel[0] == 0
    else {
      throw file.wrong(
        "patches \(kernel), positions \(table) and \(inner) inner numbers make no DINOv2, whose heads have 64 numbers"
      )
    }
    var form = ViT.Form()
    (form.kind, form.width, form.channels, form.patch) = (.dinov2, kernel[0], kernel[1], kernel[2])
    (form.size, form.inner, form.heads) = (side * kernel[2], inner, kernel[0] / headWidth)
    form.layers = max(1, (0..<1000).first { plain["encoder.layer.\($0).norm1.weight"] == nil } ?? 1000)
    (form.epsilon, form.classes) = (1e-6, 1)
    return try form.checked()
  }

  /// Numbers of a head, in DINOv2's models of every size.
  private static let headWidth = 64

  /// Hugging Face's names of all tensors of the network without a head, and their shapes there.
  private var names: [(name: String, shape: [Int])] {
    form.shapes.filter { !form.isOfTask($0.name) }.compactMap { own, shape in
      form.architecture.fileName(own).map { name in
        (name.split(separator: ".").dropFirst().joined(separator: "."), form.fileShape(own, shape))
      }
    }
  }

  private func check() throws {
    let lost = names.map(\.name).filter { $0 != Self.positionName && turned[$0] == nil && plain[$0] == nil }
    guard lost.isEmpty else {
      throw file.wrong(
        "it lacks \(lost.count) of \(names.count) tensors: \(lost.prefix(3).joined(separator: " "))")
    }
    func same(_ name: String, _ found: [Int], _ wanted: [Int]) throws {
      guard found != wanted else { return }
      throw file.wrong("\(name) is \(found), and its other tensors ask for \(wanted)")
    }
    for (name, shape) in names where name != Self.positionName {
      try same(name, turned[name].map { $0.shape.reversed() } ?? plain[name]?.shape ?? [], shape)
    }
    for (table, count) in zip(positions, [1, form.patches]) {
      try same(table.name, table.shape, [1, count, form.width])
    }
  }

  /// What `transformers` and Graft read of its sizes.
  var config: JSON.Object {
    [
      "architectures": ["Dinov2Model"], "model_type": "dinov2", "dtype": "float32",
      "image_size": .integer(form.size), "patch_size": .integer(form.patch),
      "num_channels": .integer(form.channels), "hidden_size": .integer(form.width),
      "num_hidden_layers": .integer(form.layers), "num_attention_heads": .integer(form.heads),
      "mlp_ratio": .integer(form.inner / form.width), "hidden_act": "gelu", "qkv_bias": true,
      "layer_norm_eps": 1e-6, "layerscale_value": 1.0, "initializer_range": 0.02, "drop_path_rate": 0.0,
      "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0, "use_swiglu_ffn": false,
      "use_mask_token": false, "apply_layernorm": true,
    ]
  }

  // MARK: Tensors

  private func part(_ name: String, _ shape: [Int]) throws -> Safetensors.Part {
    let file = file
    if name == Self.positionName {
      let positions = positions
      for table in positions { try file.withFloats(of: table) { _ in } }
      return Safetensors.Part(name, .f32, shape) { sink in
        for table in positions { try file.withFloats(of: table, sink) }
      }
    }
    if let weight = turned[name] {
      try file.withFloats(of: weight) { _ in }
      return Safetensors.Part(name, .f32, shape) { sink in
        let turned = try Tensor(weight.shape, file.floats(of: weight)).transposed()
        try Safetensors.Part(name, turned).fill(sink)
      }
    }
    guard let constant = plain[name] else { throw file.wrong("it has no \(name)") }
    try file.withFloats(of: constant) { _ in }
    return Safetensors.Part(name, .f32, shape) { sink in try file.withFloats(of: constant, sink) }
  }
}
