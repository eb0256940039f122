import FileSystem
import Formats
import Options
import Training

extension Timeline {
  /// The tape as it stands in a saved session: every entry, but no states.
  func saved(_ tensors: inout SavedTensors) -> JSON {
    var list: [JSON] = []
    for entry in entries.dropFirst() {
      var fields: JSON.Object = ["line": .string(entry.text), "group": .integer(entry.group)]
      if entry.parent != entry.id - 1 { fields["after"] = .integer(entry.parent) }
      if entry.steps > 0 { fields["losses"] = tensors.name(entry.losses, "tape.\(entry.id).losses") }
      fields["trains"] = entry.subject.map { .string($0) }
      fields["back"] = entry.alias.map { [.integer($0.entry), .integer($0.step)] }
      if let (name, value) = entry.bound {
        fields["binds"] = ["name": .string(name), "value": value.saved(&tensors, "tape.\(entry.id).value")]
      }
      fields["evaluation"] = entry.evaluation?.saved
      fields["next"] = entry.lastChild.map { .integer($0) }
      list.append(.object(fields))
    }
    let names = branches.sorted { $0.key < $1.key }.map { ($0.key, JSON.integer($0.value)) }
    return [
      "entries": .array(list), "head": .integer(head), "branches": .object(JSON.Object(names)),
      "next": entries[0].lastChild.map { .integer($0) } ?? .null,
    ]
  }

  /// A tape from a saved session, without states but for the empty session's.
  convenience init(
    _ start: SessionState, budget: Int, _ fields: SavedFields, _ tensors: LoadedTensors, _ subjects: [Subject]
  ) throws {
    self.init(start, budget: budget)
    for (i, entry) in try fields["entries"].list().enumerated() {
      let after = try entry["after"].orNil?.integer(in: 0...i) ?? i
      let losses = try entry["losses"].orNil.map(tensors.numbers) ?? []
      let alias = try entry["back"].orNil.map(moment)
      let bound = try entry["binds"].orNil.map {
        (name: try $0["name"].text(), value: try Value($0["value"], tensors, subjects))
      }
      let evaluation = try entry["evaluation"].orNil.map(Evaluation.init(saved:))
      let line = try entry["line"].text(), group = try entry["group"].integer(in: 0...1 << 40)
      let trains = try entry["trains"].orNil?.text()
      addSaved(line, after: after, group: group, losses: losses) {
        ($0.alias, $0.bound, $0.evaluation, $0.subject) = (alias, bound, evaluation, trains)
      }
    }
    try takeHeads(fields)
  }

  /// A moment of an entry that is there already.
  private func moment(_ field: SavedFields) throws -> Moment {
    let pair = try field.integers()
    guard pair.count == 2, entries.indices.contains(pair[0]) else {
      throw field.wrong("an earlier entry and a step of it")
    }
    let steps = entries[pair[0]].steps
    guard steps > 0 ? (1...steps).contains(pair[1]) : pair[1] == 0 else {
      throw field.wrong("a step of its entry")
    }
    return Moment(entry: pair[0], step: pair[1])
  }

  private func takeHeads(_ fields: SavedFields) throws {
    let last = entries.count - 1
    for (id, entry) in try ([fields] + fields["entries"].list()).enumerated() {
      guard let next = try entry["next"].orNil?.integer() else { continue }
      guard entries[id].children.contains(next) else { throw entry["next"].wrong("an entry after this one") }
      setNext(next, of: id)
    }
    for (name, id) in try fields["branches"].members() { branches[name] = try id.integer(in: 0...last) }
    stand(at: try fields["head"].integer(in: 0...last))
  }
}

extension Evaluation {
  /// As it stands in a saved session.
  var saved: JSON {
    var fields: JSON.Object = [
      "loss": .exact(loss), "accuracy": .exact(accuracy), "first": .exact(firstAccuracy),
      "counted": .integer(counted),
    ]
    if let found = classification {
      fields["labels"] = .array(found.labels.map { .string($0) })
      fields["truth"] = .array(found.truth.map { .integer($0) })
      fields["predicted"] = .array(found.predicted.map { .integer($0) })
    }
    return .object(fields)
  }

  init(saved fields: SavedFields) throws {
    var found: Classification?
    if let labels = try fields["labels"].orNil?.texts() {
      let range = 0...max(0, labels.count - 1)
      found = Classification(
        labels: labels, truth: try fields["truth"].integers(in: range),
        predicted: try fields["predicted"].integers(in: range))
    }
    self.init(
      loss: try fields["loss"].number(), accuracy: try fields["accuracy"].number(),
      firstAccuracy: try fields["first"].number(), counted: try fields["counted"].integer(),
      classification: found)
  }
}
