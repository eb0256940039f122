import Engine
import Events
import Networks
import Options
import Training

/// `show memory`: the ledger of what takes memory, beside what full tuning would take.
public struct MemoryView: View {
  /// What it says of itself.
  public static let card = Card(
    "memory", "Adds up what takes memory, measured on a real step, beside what training every weight would take.",
    examples: ["show memory"],
    notes: [
      "Activations are what the forward pass keeps for going back, measured on the next batch.",
      "What frozen weights save is gradients and the optimizer's memory, hardly activations.",
    ])

  /// Everything.
  public init() {}

  private struct Entry {
    let name: String, now: Int, full: Int?
  }

  /// Measures a step and shows the ledger.
  public func show(_ session: Session, _ subject: Subject, _ call: Call) throws {
    let model = subject.model, state = subject.trainer.state
    let base = Self.bytes(model.directory.parameters.map(\.value))
    let kept = Self.bytes(model.directory.parameters.compactMap(\.base)) { storage in
      model.directory.parameters.contains { $0.value.storage === storage }
    }
    let added = Self.bytes(model.attachments.flatMap { $0.parameters.map(\.value) })
    let moments = try state.optimiser.step(Tensor(0), gradient: Tensor(0), memory: nil, rate: 0, factor: 1).memory.tensors.count
    let next = subject.source == nil || model.trainable.isEmpty ? nil : try NextStep(subject, interrupt: session.interrupt)
    let present = Self.bytes(state.memory.values.flatMap(\.tensors))
    let after = next.map { Self.bytes($0.state.memory.values.flatMap(\.tensors)) } ?? 4 * moments * model.trainableCount
    var entries = [
      Entry(name: "base weights", now: base, full: base), Entry(name: "originals kept", now: kept, full: base),
      Entry(name: "attachments", now: added, full: 0),
      Entry(name: "gradients", now: 4 * model.trainableCount, full: 4 * model.baseCount),
      Entry(name: "optimizer", now: max(present, after), full: 4 * moments * model.baseCount),
    ]
    if let next { entries.append(Entry(name: "activations", now: next.held, full: nil)) }
    let total = entries.reduce(0) { $0 + $1.now }
    let full = entries.reduce(0) { $0 + ($1.full ?? $1.now) }
    var rows = entries.map { one -> [Datum] in
      [.words(one.name), .bytes(one.now), one.full.map { .bytes($0) } ?? "≥ the same"]
    }
    rows.append([.text(.strong("total")), .bytes(total), .bytes(full)])
    let columns: [Table.Column] = [
      .init("", priority: 0), .init("now", .right, priority: 0), .init("full tuning", .right, priority: 0),
    ]
    session.emit(.table(Table(columns: columns, rows: rows)))
    let timeline = session.timeline
    var facts: [Facts.Fact] = [.init("for undo", .words("\(Events.bytes(timeline.bytes)) of at most \(Events.bytes(timeline.budget))"))]
    if let next { facts.insert(.init("most at once in a step, beyond the weights", .bytes(next.peak)), at: 0) }
    session.emit(.facts(Facts("", facts)))
    if next == nil {
      session.say(.dim("activations are measured once there is data and something to train: task +2"))
    } else if present == 0 {
      session.say(.dim("the optimizer takes its memory at the first step"))
    }
  }

  /// Bytes of the tensors' memory, each counted once, forms derived from it included.
  private static func bytes(_ tensors: [Tensor], without: (Storage) -> Bool = { _ in false }) -> Int {
    var seen = Set<ObjectIdentifier>()
    return tensors.reduce(0) { sum, tensor in
      guard !without(tensor.storage), seen.insert(ObjectIdentifier(tensor.storage)).inserted else { return sum }
      return sum + tensor.storage.bytes
    }
  }
}
