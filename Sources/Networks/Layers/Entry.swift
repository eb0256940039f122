import Engine
import Options

/// A model's entry, where methods may change the sequence, and where masks and positions are settled.
public struct Entry {
  /// Takes `sequence` edits.
  public let site: Site

  /// A sequence that has entered.
  struct Entered {
    var sequence: Sequence
    /// The mask of what was run before, out of the cache; [batch][time].
    var past: [[UInt8]]
    /// The mask of all keys: past ones and these.
    var keys: [[UInt8]] { zip(past, sequence.mask).map { $0 + $1 } }
  }

  init(_ scope: Scope, width: Int) { site = scope.site(.entry, width: (width, width)) }

  /// Lets methods change what enters, and leaves the mask of all keys in the pass.
  func callAsFunction(
    _ embeddings: Tensor, mask: [[UInt8]], slots: [[Int]]? = nil, _ pass: Pass
  ) throws -> Entered {
    var sequence = Sequence(embeddings: embeddings, mask: mask, slots: slots)
    for edit in site.edits(pass) { sequence = try edit.sequence?(sequence, pass) ?? sequence }
    pass.kinds = Kinds(sequence.columns)
    pass.trace?.record(site, sequence.embeddings, sequence.embeddings)
    let known = pass.cache?.mask ?? []
    let entered = Entered(sequence: sequence, past: known.isEmpty ? mask.map { _ in [] } : known)
    let keys = entered.keys
    if let documents = pass.documents {
      try check(documents, sequence, isCached: !known.isEmpty)
      pass.keyMask = KeyMask(keys, documents: documents)
    } else {
      pass.keyMask = keys.contains { $0.contains(0) } ? KeyMask(keys) : nil
    }
    return entered
  }

  /// Throws where documents of packed rows cannot be kept apart.
  private func check(_ documents: [[Int]], _ sequence: Sequence, isCached: Bool) throws {
    guard !isCached, documents.count == sequence.mask.count,
      zip(documents, sequence.columns).allSatisfy({ $0.count == $1.count })
    else {
      throw Failure(
        "a method puts vectors into the text, and packed rows hold several texts.",
        cure: "Set the data with packing=no")
    }
  }
}

extension Entry {
  /// Positions of all keys, for slopes on the scores: counted over real ones, after a prefix's.
  struct Counted {
    /// [batch][keys]; those of padding are 0.
    let rows: [[Float]]
    /// How many positions a prefix takes.
    let shift: Int

    /// The same with so many extra keys before them, which end where the others begin.
    func places(extra: Int) -> KeyPlaces {
      let first = (0..<extra).map { Float(shift - extra + $0) }
      return KeyPlaces(rows.map { first + $0 })
    }
  }
}

extension Entry.Entered {
  /// The positions of all keys, cached ones included; nil where they stand in order and nothing is before them.
  func counted(after shift: Int) -> Entry.Counted? {
    let keys = keys
    guard shift > 0 || keys.contains(where: { $0.contains(0) }) else { return nil }
    let rows = keys.map { row -> [Float] in
      var next = shift
      return row.map { real in
        defer { next += Int(real) }
        return real == 0 ? 0 : Float(next)
      }
    }
    return Entry.Counted(rows: rows, shift: shift)
  }

  /// Positions counted over real tokens, cached and added ones included, or given ones after the added; a prefix's
  /// keys come before them all. Throws when they exceed the context.
  func places(_ given: [[Int]]?, after shift: Int, context: Int) throws -> [[Int]] {
    let places = sequence.mask.indices.map { row -> [Int] in
      var next = shift + past[row].reduce(0) { $0 + Int($1) }, added = shift
      let given = given?[row]
      return zip(sequence.mask[row], sequence.columns[row]).map { real, column in
        defer { next += Int(real) }
        if column < 0 { added += 1 } else if let given { return given[column] + added }
        return real == 0 ? 0 : next
      }
    }
    let most = places.joined().max() ?? 0
    guard most < context else {
      let added = shift + (sequence.columns.first?.filter { $0 < 0 }.count ?? 0)
      let detail = added > 0 ? " (\(added) of them added by a method)" : ""
      throw EngineError.shapes(
        op: "positions", "\(most + 1) positions\(detail) do not fit the context of \(context)")
    }
    return places
  }
}
