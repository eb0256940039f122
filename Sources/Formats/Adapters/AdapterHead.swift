import Engine
import FileSystem
import Networks
import Options

/// The head of a classification task inside an adapter: `peft`'s `modules_to_save`.
enum AdapterHead {
  /// The modules that `peft` saves with a classification task by itself; a model has one of them.
  static let usual = ["classifier", "score"]

  /// `peft`'s name of what a model does; null where it has none, which serves methods that sit at modules.
  static func task(of model: Model) -> JSON {
    switch (model.network.reads, model.network.answers) {
    case (.tokens, .positions): model.network.start == nil ? "CAUSAL_LM" : "SEQ_2_SEQ_LM"
    case (.tokens, .rows): "SEQ_CLS"
    case (.tokens, .tokens): "TOKEN_CLS"
    case (.pictures, _): .null
    }
  }

  /// A parameter of the head with its key: before the heads of prompt methods `peft` has one prefix only.
  static func key(_ parameter: Parameter, of model: Model, isPerSite: Bool, _ value: Tensor) -> (
    String, Tensor
  )? {
    model.architecture.fileName(parameter.name).map {
      ((isPerSite ? "base_model.model." : "base_model.") + $0, value)
    }
  }

  /// A parameter of the head under its live name: `base_model.model.classifier.modules_to_save.default.weight`.
  static func live(_ parameter: Parameter, of model: Model, isPerSite: Bool) -> ForeignTensor? {
    guard let file = model.architecture.fileName(parameter.name) else { return nil }
    let (module, leaf) = BaseLoader.split(file)
    let start = isPerSite ? "base_model.model." : "base_model."
    return ForeignTensor("\(start)\(module).modules_to_save.default.\(leaf)", [parameter])
  }

  /// The parameters of a model's head with the names that an adapter has for them.
  static func wanted(_ head: [Parameter], of model: Model) -> [ForeignTensor] {
    head.compactMap { one in model.architecture.fileName(one.name).map { ForeignTensor($0, [one]) } }
  }
}

extension AdapterSettings {
  /// Whether the adapter brings a head for the model. Throws for whole modules of other kinds, and for a head that the
  /// model has no place for.
  func bringsHead(for model: Model) throws -> Bool {
    let wanted = AdapterHead.wanted(model.taskHead, of: model).map(\.key)
    let held = Set(folder.tensors.map(\.name))
    let listed = config["modules_to_save"]?.asArray?.compactMap(\.asString) ?? []
    let own = wanted.isEmpty ? "" : model.network.head.foreignName ?? ""
    if let other = listed.first(where: { !AdapterHead.usual.contains($0) && $0 != own }) {
      throw Failure(
        "\(shown(path)): modules_to_save asks for whole modules saved beside it (\(shown(other))), which Graft "
          + "does not hold.",
        cure: "Merge it in Python (merge_and_unload) and open the merged base.")
    }
    let heads = listed.filter { name in held.contains { $0.hasPrefix(name + ".") } }
    if let head = heads.first(where: { $0 != own || wanted.isEmpty }) {
      throw Failure(
        "\(shown(path)) brings the head \(shown(head)) of a classification, which this model does not have.",
        cure: "Open the base with a head for its classes: open FOLDER classes=2")
    }
    return !wanted.isEmpty && wanted.allSatisfy(held.contains)
  }
}
