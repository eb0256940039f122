import Engine
import FileSystem
import Networks
import Options

/// Puts the tensors of an adapter's file into an attachment's parameters, each checked by key and shape.
struct AdapterFilling {
  private let folder: AdapterFolder
  private let isPerSite: Bool
  private let places: [ExactText: Int]
  private let older: OlderNames

  init(_ folder: AdapterFolder, _ isPerSite: Bool, _ model: Model) {
    older = OlderNames(model)
    self.folder = folder
    self.isPerSite = isPerSite
    places = Dictionary(uniqueKeysWithValues: folder.tensors.enumerated().map { (ExactText($1.name), $0) })
  }

  /// Fills all parameters, or throws and names what is missing, has another shape or is not finite.
  func fill<Method>(
    _ attachment: Attachment, _ form: ForeignForm<Method>, _ head: [ForeignTensor], _ model: Model
  ) throws -> AdapterReport {
    var report = AdapterReport(), used: Set<Int> = [], missing: [AdapterKey] = [], absent = 0
    var found: [(wanted: ForeignTensor, place: Int)] = []
    let trained = try trained(attachment, form, model), optional = form.trained?.mayLack == true
    for wanted in wanted(attachment, form) + trained + head {
      guard let place = find(wanted.key) else {
        if optional, trained.contains(where: { $0.key == wanted.key }) {
          absent += 1
          continue
        }
        missing.append(AdapterKey(key: wanted.key, shape: wanted.shape))
        continue
      }
      used.insert(place)
      found.append((wanted, place))
    }
    let rest = folder.tensors.indices.filter { !used.contains($0) }
    report.unexpected = rest.map {
      AdapterKey(key: folder.tensors[$0].key, shape: folder.tensors[$0].entry.shape)
    }
    guard missing.isEmpty else { throw lacking(missing, of: missing.count + found.count, report.unexpected) }
    for (wanted, place) in found {
      let tensor = folder.tensors[place]
      guard tensor.entry.shape == wanted.shape else {
        let own = wanted.parameters.count == 1 ? wanted.parameters[0].name : attachment.name
        throw Failure(
          "\(shown(folder.path)): \(shown(tensor.key)) is \(tensor.entry.shape), but \(own) is \(wanted.shape).",
          cure: "Its configuration and its weights differ, or it was made for another base.")
      }
      for (parameter, value) in try wanted.parts(of: folder.file.tensor(tensor.entry)) {
        guard value.isFinite else {
          throw Failure(
            "\(shown(folder.path)): \(shown(tensor.key)) holds NaN or infinity: the adapter is broken.",
            cure: "Train it again, with a smaller rate where it went wrong.")
        }
        parameter.value = value
        report.count += value.count
      }
      report.matched.append(AdapterKey(key: tensor.key, shape: tensor.entry.shape))
    }
    if absent > 0 {
      report.notes.append("The file lacks \(absent) of \(trained.count) biases: the base's own stay.")
    }
    if isPerSite, !folder.keysWithoutPrefix.isEmpty {
      report.notes.append(
        "\(folder.keysWithoutPrefix.count) keys lack the prefix base_model.model.; peft would leave them out."
      )
    }
    return report
  }

  /// The attachment's parameters under the names that the file should have for them.
  private func wanted<Method>(_ attachment: Attachment, _ form: ForeignForm<Method>) -> [ForeignTensor] {
    guard isPerSite else { return attachment.foreignTensors(form.tensors) }
    return attachment.edits.flatMap { site, _ in
      form.rows(at: site).compactMap { row in
        attachment.parameter(row.own, at: site).map {
          ForeignTensor("\(site.foreignName ?? site.name).\(row.key)", [$0])
        }
      }
    }
  }

  /// The base's parameters that the attachment trains, and their names in the file.
  private func trained<Method>(
    _ attachment: Attachment, _ form: ForeignForm<Method>, _ model: Model
  ) throws -> [ForeignTensor] {
    let targets = attachment.targets(in: model)
    return try attachment.trainedParts(of: model).map {
      ForeignTensor(try TrainedKey($0, form, attachment, model, targets: targets).key, [$0])
    }
  }

  /// The place of a name, or of what older libraries called it.
  private func find(_ name: String) -> Int? { place(of: name) ?? older.key(name).flatMap(place) }

  /// The place of a name; adapters of a bare base (`GPT2Model`) lack the base's own prefix.
  private func place(of name: String) -> Int? {
    if let place = places[ExactText(name)] { return place }
    guard isPerSite, let dot = name.firstIndex(of: ".") else { return nil }
    return places[ExactText(String(name[name.index(after: dot)...]))]
  }

  private func lacking(_ missing: [AdapterKey], of count: Int, _ rest: [AdapterKey]) -> Failure {
    var details = missing.prefix(5).map { "missing: \($0)" }
    if missing.count > 5 { details.append("… and \(missing.count - 5) more") }
    details += rest.prefix(3).map { "the file has: \(shown($0.key)) \($0.shape)" }
    let first = missing.first.map(\.key) ?? ""
    return Failure(
      "\(shown(folder.path)) lacks \(missing.count) of \(count) tensors, such as \(first).",
      cure: "It was made for another base, or is incomplete: see what is in it.", details: details)
  }
}
