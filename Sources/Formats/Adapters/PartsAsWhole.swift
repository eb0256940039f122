import Engine
import FileSystem
import Networks
import Options

/// A method on parts of a fused projection, written exactly as one on the whole, which is all that `peft` has.
///
///     A = [A_q; A_v]   [2r, in]        B = ⎡B_q  0 ⎤  rows of q        s·B·A = s·(B_q·A_q above B_v·A_v)
///                                          ⎢ 0   0 ⎥  rows of k
///                                          ⎣ 0  B_v⎦  rows of v
///
/// The rank is m·r for m parts. So that the scale stays, α becomes m·α (for α/r) or √m·α (for α/√r). A module
/// with fewer parts than the others is filled up with zeros to the same rank. What has one number a row, as DoRA's
/// lengths and (IA)³'s factors, stands in its part's rows; the other rows get what changes nothing.
struct PartsAsWhole {
  /// The file's keys and tensors.
  private(set) var tensors: [(key: String, value: Tensor)] = []
  private var rank = 0
  private let scale: Float
  private let names: [String]
  private var isFilled = false

  /// What one part has at a whole layer.
  private struct Piece {
    let values: [String: Tensor]
    let rows: [Int]
    let scale: Float
  }

  /// From an attachment of which some sites are parts; throws where the form does not say how parts are joined.
  init<Method>(_ form: ForeignForm<Method>, _ attachment: Attachment) throws {
    guard form.tensors.allSatisfy({ $0.parts != nil || $0.isTable }) else {
      throw Failure(
        "peft's \(form.type) has no parts of a fused projection, which \(attachment.name) sits on.",
        cure: "Attach it to the whole projection, or keep it in a session: save FILE\(SessionFile.ending)")
    }
    var modules: [(site: Site, pieces: [Piece])] = []
    let scaled = attachment.method as? any ScaledMethod
    scale = scaled?.scale ?? 1
    for (site, _) in attachment.edits {
      let whole = site.whole ?? site
      var values: [String: Tensor] = [:]
      for row in form.rows(at: site) {
        values[row.own] = attachment.parameter(row.own, at: site)?.value.plain
      }
      let piece = Piece(
        values: values, rows: site.columns?.indices ?? Array(0..<whole.width.out),
        scale: scaled?.scale(at: site) ?? 1)
      if let place = modules.firstIndex(where: { $0.site === whole }) {
        modules[place].pieces.append(piece)
      } else {
        modules.append((whole, [piece]))
      }
    }
    names = Set(attachment.edits.filter { $0.site.kind == .part }.map(\.site.localName)).sorted()
    let stacked = form.tensors.first { if case .stacked? = $0.parts { true } else { false } }
    if let stacked {
      let ranks = modules.map { $0.pieces.reduce(0) { $0 + ($1.values[stacked.own]?.shape[0] ?? 0) } }
      rank = ranks.max() ?? 0
      isFilled = ranks.contains { [rank] in $0 < rank }
    }
    for (site, pieces) in modules {
      let module = "base_model.model." + (try TargetModules.name(of: site))
      for row in form.rows(at: site) {
        guard let joining = row.parts else { continue }
        tensors.append(("\(module).\(row.key)", try joined(row.own, joining, pieces, site)))
      }
    }
  }

  private func joined<Method>(
    _ own: String, _ joining: ForeignForm<Method>.Parts, _ pieces: [Piece], _ site: Site
  ) throws -> Tensor {
    let values = pieces.compactMap { $0.values[own] }
    switch joining {
    case .stacked:
      let all = values.flatMap(\.scalars), width = site.width.in
      return try Tensor([rank, width], all + [Float](repeating: 0, count: rank * width - all.count))
    case .blocks:
      var b = [Float](repeating: 0, count: site.width.out * rank), column = 0
      for (piece, value) in zip(pieces, values) {
        // A part with another scale than the file's takes the difference into B.
        let factor = piece.scale == scale ? 1 : piece.scale / scale
        let r = value.width, numbers = value.scalars
        for (i, row) in piece.rows.enumerated() {
          for j in 0..<r { b[row * rank + column + j] = factor * numbers[i * r + j] }
        }
        column += r
      }
      return try Tensor([site.width.out, rank], b)
    case .rows(let others):
      // A whole layer by itself stays as it is, whatever its shape: a factor on the input has none for each row.
      if pieces.count == 1, pieces[0].rows.count == site.width.out, let only = values.first { return only }
      guard let weight = site.weight?.value else { throw Failure("\(site.name) has no weight.") }
      let start = try others(weight)
      var numbers = start.scalars
      for (piece, value) in zip(pieces, values) {
        for (row, number) in zip(piece.rows, value.scalars) { numbers[row] = number }
      }
      let shape = values.first?.shape.count == 1 ? [numbers.count] : start.shape
      return try Tensor(shape, numbers)
    }
  }

  /// Puts the larger rank and α into the configuration; gives the sentence that says so.
  func rewrite(_ config: inout JSON.Object) throws -> String {
    let start =
      "peft has no parts: \(names.joined(separator: ", ")) became one on the whole projection, exactly: "
    guard rank > 0, let r = config["r"]?.asInteger, let alpha = config["lora_alpha"]?.asNumber else {
      return start + "rows outside the parts have 1."
    }
    let times = Double(rank) / Double(r), isRoot = config["use_rslora"]?.asBool == true
    config["r"] = .integer(rank)
    config["lora_alpha"] = JSON(.number(alpha * (isRoot ? times.squareRoot() : times)))
    let filled = isFilled ? " Modules with fewer parts are filled up with zeros." : ""
    return start
      + "A stacked, B zero outside each part's rows, r = \(rank) instead of \(r) and alpha with it, so that the "
      + "scale stays the same.\(filled)"
  }
}
