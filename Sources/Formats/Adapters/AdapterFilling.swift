import Engine
import FileSystem
import Networks
import Options

/// Puts the tensors of an adapter's file into an attachment's parameters, each checked by key and shape.
struct AdapterFilling {
  private let folder: AdapterFolder
  private let isPerSite: Bool
  private let places: [ExactText: Int]

  init(_ folder: AdapterFolder, _ isPerSite: Bool) {
    self.folder = folder
    self.isPerSite = isPerSite
    places = Dictionary(uniqueKeysWithValues: folder.tensors.enumerated().map { (ExactText($1.name), $0) })
  }

  /// Fills all parameters, or throws and names what is missing or has another shape.
  func fill<Method>(
    _ attachment: Attachment, _ rows: [ForeignForm<Method>.Tensor], _ head: [ForeignTensor]
  ) throws -> AdapterReport {
    var report = AdapterReport(), used: Set<Int> = [], missing: [AdapterKey] = []
    var found: [(wanted: ForeignTensor, place: Int)] = []
    for wanted in wanted(attachment, rows) + head {
      guard let place = find(wanted.key) else {
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
        parameter.value = value
        report.isFinite = report.isFinite && value.isFinite
        report.count += value.count
      }
      report.matched.append(AdapterKey(key: tensor.key, shape: tensor.entry.shape))
    }
    if isPerSite, !folder.keysWithoutPrefix.isEmpty {
      report.notes.append(
        "\(folder.keysWithoutPrefix.count) keys lack the prefix base_model.model.; peft would leave them out."
      )
    }
    return report
  }

  /// The attachment's parameters under the names that the file should have for them.
  private func wanted<Method>(
    _ attachment: Attachment, _ rows: [ForeignForm<Method>.Tensor]
  ) -> [ForeignTensor] {
    guard isPerSite else { return attachment.foreignTensors(rows) }
    return attachment.edits.flatMap { site, _ in
      rows.compactMap { row in
        attachment.parameter(row.own, at: site).map {
          ForeignTensor("\(site.foreignName ?? site.name).\(row.key)", [$0])
        }
      }
    }
  }

  /// The place of a name; adapters of a bare base (`GPT2Model`) lack the base's own prefix.
  private func find(_ name: String) -> Int? {
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
