import Engine
import Options

// Several attachments in one batch: each row has its own, for inference.
extension Site {
  /// Runs `body` for the rows that have one attachment after the other, and puts its results in the rows' order.
  ///
  /// While it runs, the pass serves that attachment only. The tensors' first axis are the rows.
  func apart(_ tensors: [Tensor], _ rows: [String?], _ pass: Pass, _ body: ([Tensor], [Int]) throws -> Tensor)
    throws -> Tensor
  {
    var order: [Int] = [], parts: [Tensor] = []
    defer { pass.serving = nil }
    for name in rows.enumerated().filter({ rows.firstIndex(of: $0.element) == $0.offset }).map(\.element) {
      let own = rows.indices.filter { rows[$0] == name }
      pass.serving = .some(name)
      parts.append(try body(tensors.map { try $0.rows(own) }, own))
      order += own
    }
    let all = try Tensor.concat(parts, axis: 0)
    return try all.rows(rows.indices.map { row in order.firstIndex(of: row) ?? 0 })
  }

  /// Whether an attachment has something here that only some rows may get.
  func isMixed(_ pass: Pass) -> Bool {
    guard pass.rows != nil, pass.serving == nil, !pass.isBase else { return false }
    return ([self] + parts).contains { $0.placed.contains { $0.owner is Attachment } }
  }

  /// Whether an edit runs in this pass: hooks always, attachments where they are on or serve these rows.
  func runs(_ one: Placed, _ pass: Pass) -> Bool {
    guard pass.rows != nil, let attachment = one.owner as? Attachment else { return one.owner.isOn }
    return pass.serving.map { $0 == attachment.name } ?? false
  }
}

extension Tensor {
  /// Entries of the first axis, by number; a tensor without numbers stays as it is.
  fileprivate func rows(_ numbers: [Int]) throws -> Tensor {
    guard count > 0, let all = shape.first else { return self }
    let table = try reshaped([all, count / all])
    return try table.gather(numbers).reshaped([numbers.count] + shape.dropFirst())
  }
}

extension Model {
  /// Throws where rows cannot be served apart: names that are not attached, methods that add positions or keys, and
  /// those that changed weights that all rows share.
  func check(_ rows: [String?], of batch: Int, _ pass: Pass) throws {
    guard rows.count == batch else {
      throw Failure("\(rows.count) attachments are named for \(batch) rows.", cure: "Name one a row")
    }
    guard pass.tape == nil else {
      throw Failure("rows with attachments of their own are for inference only.", cure: "Train one at a time")
    }
    for name in Set(rows.compactMap { $0 }).sorted() {
      guard let one = attachments.first(where: { $0.name == name }) else {
        throw unknown("attachment", name, among: attachments.map(\.name))
      }
      if one.edits.contains(where: { $0.edit.sequence != nil || $0.edit.keysValues != nil }) {
        throw Failure(
          "\(name) adds positions or keys, which all rows of a batch would have to share.",
          cure: "Run it by itself")
      }
    }
    let shared = attachments.first { one in
      one.isOn && (one.isFolded || directory.parameters.contains { one.claims($0) })
    }
    if let shared {
      throw Failure(
        "\(shared.name) has changed the base's own weights, which all rows share.",
        cure: shared.isFolded ? "unmerge \(shared.name)" : "off \(shared.name)")
    }
  }
}
