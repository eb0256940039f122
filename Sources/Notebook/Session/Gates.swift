import Engine
import Events
import Networks
import Options

/// What reads image tokens in a model, and how far its gates are open.
struct Gates {
  /// A site with a gate, and the gate at each image token: [image tokens, heads].
  let open: [(site: Site, values: Tensor)]
  /// By block, the share of attention that text pays to image tokens.
  let mass: [(site: Site, share: Double)]

  /// Runs the model on the batch of the next step; throws where nothing attached sees, or the batch has no pictures.
  init(_ subject: Subject, only site: Site? = nil) throws {
    let seeing = subject.model.attachments.compactMap { one in
      (one.method as? any SeeingMethod).map { (attachment: one, method: $0) }
    }
    guard !seeing.isEmpty else {
      throw Failure("nothing attached reads pictures, so there is no gate.", cure: "attach pill")
    }
    guard try subject.batch().features != nil else {
      throw Failure("this batch has no pictures.", cure: "task +1,+2,+3,-1 pictures=yes")
    }
    let look = try subject.look(subject.reading()) {
      $0.kind == .part || $0.kind == .linear || $0.kind == .attention
    }
    let columns = look.columns.flatMap { $0 }
    let images = columns.indices.filter { columns[$0] == Sequence.image }
    open = try subject.model.sites.filter { site == nil || $0 === site }.compactMap { place in
      for (attachment, method) in seeing {
        guard let x = look.trace.inputs[place.name],
          let gates = try method.gate(place, of: attachment, reading: x.plain)
        else { continue }
        return (place, try gates.reshaped([columns.count, gates.width]).gather(images))
      }
      return nil
    }
    mass = subject.model.sites.compactMap { place in
      look.trace.attention[place.name].map { (place, Self.mass($0, look.columns)) }
    }
  }

  /// The mean over rows, heads and real text of the probability that image tokens get together.
  private static func mass(_ all: Tensor, _ columns: [[Int]]) -> Double {
    let (heads, queries, keys) = (all.shape[1], all.shape[2], all.shape[3])
    let extra = keys - queries
    var sum = 0.0, count = 0
    all.read { p in
      for (row, kinds) in columns.enumerated() {
        let images = kinds.indices.filter { kinds[$0] == Sequence.image }
        for head in 0..<heads {
          for query in 0..<queries where kinds[query] >= 0 {
            let at = ((row * heads + head) * queries + query) * keys + extra
            for key in images { sum += Double(p[at + key]) }
            count += 1
          }
        }
      }
    }
    return sum / Double(max(1, count))
  }
}

extension Subject {
  /// Whether something attached reads image tokens.
  var sees: Bool { model.attachments.contains { $0.isOn && $0.method is any SeeingMethod } }
}

extension Session {
  /// Warns where pictures come to a model that would read the text alone.
  func sayWhetherItSees(_ subject: Subject) {
    guard !subject.sees else { return }
    emit(
      .note(
        Note(
          "\(subject.name) is blind so far: it reads the text alone until a method sees (attach pill)",
          .warning)))
  }
}
