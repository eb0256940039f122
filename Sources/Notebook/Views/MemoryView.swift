import Engine
import Events
import Networks
import Options
import Training

/// `show memory`: the ledger of what takes memory, beside what full tuning would take.
public struct MemoryView: View {
  /// What it says of itself.
  public static let card = Card(
    "memory", "What takes memory, beside what full tuning would take.",
    examples: ["show memory"],
    notes: [
      "Activations are what the forward pass keeps for going back, measured on the next batch.",
      "Frozen float32 weights stand there twice once they were used: as they are, and turned round for products.",
      "What frozen weights save is gradients and the optimizer's memory, hardly activations.",
    ])

  /// Everything.
  public init() {}

  private struct Entry {
    let name: String, now: Int, full: Int?
  }

  /// Measures a step and shows the ledger.
  public func show(_ session: Session, _ subject: Subject, _ call: Call) throws {
    let next = try step(subject, session)
    let entries = try entries(subject, next)
    var rows = entries.map { one -> [Datum] in
      [.words(one.name), .bytes(one.now), one.full.map { .bytes($0) } ?? "≥ the same"]
    }
    let total = entries.reduce(0) { $0 + $1.now }, full = entries.reduce(0) { $0 + ($1.full ?? $1.now) }
    rows.append([.text(.strong("total")), .bytes(total), .bytes(full)])
    let columns: [Table.Column] = [
      .init("", priority: 0), .init("now", .right, priority: 0), .init("full tuning", .right, priority: 0),
    ]
    session.emit(.table(Table(columns: columns, rows: rows)))
    let kept = Events.bytes(session.timeline.bytes), most = Events.bytes(session.timeline.budget)
    var facts: [Facts.Fact] = []
    if let next { facts.append(.init("most at once in a step, beyond the weights", .bytes(next.peak))) }
    facts.append(.init("for undo", .words("\(kept) of at most \(most)")))
    session.emit(.facts(Facts("", facts)))
    if next == nil {
      let isBlank = subject.model.isBlank
      let what = "shapes only: weights are counted as they would be, activations cannot be measured"
      session.say(
        .dim(isBlank ? what : "activations are measured once there is data and something to train: task +2"))
    } else if subject.trainer.state.memory.isEmpty {
      session.say(.dim("the optimizer takes its memory at the first step"))
    }
  }

  private func entries(_ subject: Subject, _ next: NextStep?) throws -> [Entry] {
    let model = subject.model, state = subject.trainer.state, own = model.directory.parameters
    let codes = Self.bytes(own.map(\.value).filter { $0.packing != nil })
    let weights = Self.bytes(own.map(\.value)) - codes, all = weights + codes
    let kept = own.compactMap(\.base) + own.compactMap { $0.packing?.kept }
    let originals = Self.bytes(kept) { storage in own.contains { $0.value.storage === storage } }
    let unpacked = codes == 0 ? all : 4 * model.baseCount
    let one = Tensor(0)
    let moments = try state.optimiser.step(one, gradient: one, memory: nil, rate: 0, factor: 1).memory.tensors
      .count
    let memory = (next?.state ?? state).memory.values.flatMap(\.tensors)
    let expected = 4 * moments * model.trainableCount
    var entries = [
      Entry(name: "base weights", now: weights, full: unpacked),
      Entry(name: "originals kept", now: originals, full: unpacked),
      Entry(
        name: "attachments", now: Self.bytes(model.attachments.flatMap { $0.parameters.map(\.value) }),
        full: 0),
      Entry(name: "gradients", now: 4 * model.trainableCount, full: 4 * model.baseCount),
      Entry(
        name: "optimizer", now: memory.isEmpty ? expected : Self.bytes(memory),
        full: 4 * moments * model.baseCount),
    ]
    if codes > 0 { entries.insert(Entry(name: "in four bits", now: codes, full: 0), at: 1) }
    if let next { entries.append(Entry(name: "activations", now: next.held, full: nil)) }
    return entries
  }

  /// A step to measure; nil where none can be made.
  private func step(_ subject: Subject, _ session: Session) throws -> NextStep? {
    guard subject.source != nil, !subject.model.trainable.isEmpty, !subject.model.isBlank else { return nil }
    return try NextStep.settled(subject, interrupt: session.interrupt)
  }

  /// Bytes of the tensors' memory, each counted once, forms derived from it included.
  private static func bytes(_ tensors: [Tensor], without: (Storage) -> Bool = { _ in false }) -> Int {
    var seen = Set<ObjectIdentifier>()
    return tensors.reduce(0) { sum, tensor in
      guard !without(tensor.storage), seen.insert(ObjectIdentifier(tensor.storage)).inserted else {
        return sum
      }
      return sum + tensor.storage.bytes
    }
  }
}
