import Engine
import FileSystem
import Formats
import Options

/// A session as a file holds it: tensors by name, and a text (JSON) that tells the rest: models, training, names,
/// snaps, the whole tape with its branches.
enum SessionFileText {
  /// The version of the text.
  static let version = 1

  /// What is written, and what it is in figures.
  struct Written {
    let text: String
    let parts: [Safetensors.Part]
  }

  /// The present session.
  static func write(_ session: Session) throws -> Written {
    var tensors = SavedTensors(), models: [JSON] = []
    for subject in session.models { models.append(try subject.saved(&tensors)) }
    var names: JSON.Object = [:], snaps: JSON.Object = [:]
    for (name, value) in session.bindings.sorted(by: { $0.key < $1.key }) {
      names[name] = value.saved(&tensors, "let.\(name)")
    }
    for (name, snap) in session.snaps.sorted(by: { $0.key < $1.key }) {
      var values: JSON.Object = [:]
      for (parameter, tensor) in snap.values.sorted(by: { $0.key < $1.key }) {
        values[parameter] = tensors.name(tensor.plain, "snap.\(name).\(parameter)")
      }
      snaps[name] = ["of": .string(snap.subject), "values": .object(values)]
    }
    let all: JSON.Object = [
      "version": .integer(version), "seed": .string(String(session.seed)),
      "current": session.currentName.map { .string($0) } ?? .null, "hash": .string(session.hash()),
      "models": .array(models), "names": .object(names), "snaps": .object(snaps),
      "watches": .array(session.watches.map { .string($0) }), "tape": session.timeline.saved(&tensors),
    ]
    return Written(text: try JSON.object(all).text(), parts: tensors.parts)
  }
}

/// A session that was read from a file and stands beside the present one until all of it is right.
struct LoadedSession {
  /// What could not be had again, in sentences.
  private(set) var notes: [String] = []
  /// The hash when it was saved, and now.
  let hash: (saved: String, now: String)
  /// Whether all is as it was.
  var isWhole: Bool { hash.saved == hash.now }
  let state: SessionState
  let timeline: Timeline

  /// Reads a file for a session; throws, and changes nothing, where it is no session or damaged.
  init(_ path: String, for session: Session) throws {
    let file = try SessionFile(path, files: session.surroundings.files), tensors = LoadedTensors(file)
    let fields = SavedFields(try JSON.parse(file.text, name: "the session's text"), "")
    guard try fields["version"].integer() == SessionFileText.version else {
      throw Failure(
        "this session's text is of version \(fields["version"].json).", cure: "Open it with a newer Graft")
    }
    let twin = session.twin()
    guard let seed = UInt64(try fields["seed"].text()) else { throw fields["seed"].wrong("a seed") }
    let models = try fields["models"].list().map { try LoadedSubject($0, tensors, session) }
    guard Set(models.map(\.subject.name)).count == models.count else {
      throw fields["models"].wrong("models of different names")
    }
    for model in models { twin.bind(model.subject) }
    notes = Self.data(of: models, twin)
    for (name, value) in try fields["names"].members() {
      twin.bindings[name] = try Value(value, tensors, twin.models)
    }
    for (name, snap) in try fields["snaps"].members() {
      let values = try snap["values"].members().map { ($0.key, try tensors.tensor($0.value)) }
      twin.snaps[name] = Snap(
        subject: try snap["of"].text(), values: Dictionary(values) { first, _ in first })
    }
    twin.watches = try fields["watches"].texts()
    twin.seed = seed
    twin.currentName = try fields["current"].orNil?.text()
    notes += Self.rewards(of: models, twin)
    for model in models { try Self.begin(model, &notes) }
    hash = (try fields["hash"].text(), twin.hash())
    state = twin.capture()
    let empty = SessionState(subjects: [], current: nil, bindings: [:], seed: 1, snaps: [:], watches: [])
    timeline = try Timeline(empty, budget: session.timeline.budget, fields["tape"], tensors, twin.models)
    timeline.keepHead(state)
  }

  /// Runs the lines that set the models' data; gives sentences on those that are not as they were.
  private static func data(of models: [LoadedSubject], _ twin: Session) -> [String] {
    var notes: [String] = []
    for model in models {
      guard let (line, identity) = model.data else { continue }
      let name = model.subject.name
      twin.currentName = name
      let (evaluation, task) = (model.subject.lastEvaluation, model.subject.trainer.state)
      do {
        guard let line else { throw Failure("nothing tells how they were set") }
        try twin.during(Replay(0)) { try twin.perform(line) }
        if model.subject.source?.identity != identity {
          notes.append("\(name): the data of “\(line)” are not those it was trained on")
        }
      } catch {
        let reason = (error as? Failure)?.what ?? "\(error)"
        notes.append("\(name) has no data now: \(line ?? "they") fails: \(reason)")
      }
      (model.subject.lastEvaluation, model.subject.trainer.state) = (evaluation, task)
    }
    return notes
  }

  /// Runs the lines that say what answers are worth; gives sentences on those that fail.
  private static func rewards(of models: [LoadedSubject], _ twin: Session) -> [String] {
    models.compactMap { model in
      guard let line = model.reward else { return nil }
      twin.currentName = model.subject.name
      do {
        try twin.during(Replay(0)) { try twin.perform(line) }
        return nil
      } catch {
        return
          "\(model.subject.name) has no reward now: \(line) fails: \((error as? Failure)?.what ?? "\(error)")"
      }
    }
  }

  /// Makes a step again that was begun.
  private static func begin(_ model: LoadedSubject, _ notes: inout [String]) throws {
    guard model.phase != .none else { return }
    guard let source = model.subject.source else {
      return notes.append("\(model.subject.name): the step that was begun is gone with its data")
    }
    try model.subject.begin(model.phase, source)
  }
}
