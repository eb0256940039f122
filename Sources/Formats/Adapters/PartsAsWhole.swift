import Engine
import FileSystem
import Networks
import Options

/// LoRA on parts of a fused projection, written exactly as one LoRA on the whole, which is all that `peft` has.
///
///     A = [A_q; A_v]   [2r, in]        B = ⎡B_q  0 ⎤  rows of q        s·B·A = s·(B_q·A_q above B_v·A_v)
///                                          ⎢ 0   0 ⎥  rows of k
///                                          ⎣ 0  B_v⎦  rows of v
///
/// The rank is m·r for m parts. So that the scale stays, α becomes m·α (for α/r) or √m·α (for α/√r). A module
/// with fewer parts than the others is filled up with zeros to the same rank.
struct PartsAsWhole {
  /// The file's keys and tensors.
  private(set) var tensors: [(key: String, value: Tensor)] = []
  private let most: Int
  private let rank: Int
  private let names: [String]
  private let isFilled: Bool

  private struct Piece {
    let a: Tensor, b: Tensor
    let rows: Range<Int>
  }

  /// From an attachment of which some sites are parts; throws for methods other than LoRA.
  init<Method>(_ form: ForeignForm<Method>, _ attachment: Attachment) throws {
    let keys = ["lora_A.weight", "lora_B.weight"]
    guard form.type == "LORA", form.tensors.map(\.key) == keys else {
      throw Failure(
        "peft's \(form.type) has no parts of a fused projection, which \(attachment.name) sits on.",
        cure: "Attach it to the whole projection, or keep it in a session: save FILE\(SessionFile.ending)")
    }
    var modules: [(site: Site, pieces: [Piece])] = []
    for (site, _) in attachment.edits {
      let whole = site.whole ?? site
      guard let a = attachment.parameter(form.tensors[0].own, at: site)?.value,
        let b = attachment.parameter(form.tensors[1].own, at: site)?.value
      else { throw Failure("\(attachment.name) has no A and B at \(site.name).") }
      let piece = Piece(a: a.plain, b: b.plain, rows: site.columns ?? 0..<whole.width.out)
      if let place = modules.firstIndex(where: { $0.site === whole }) {
        modules[place].pieces.append(piece)
      } else {
        modules.append((whole, [piece]))
      }
    }
    most = modules.map(\.pieces.count).max() ?? 1
    rank = modules.first?.pieces.first?.a.shape.first ?? 0
    names = Set(attachment.edits.filter { $0.site.kind == .part }.map(\.site.localName)).sorted()
    isFilled = modules.contains { [most] in $0.pieces.count < most }
    for (site, pieces) in modules {
      let module = "base_model.model." + (try TargetModules.name(of: site))
      let (a, b) = try PartsAsWhole.block(pieces, rank: most * rank, in: site.width)
      tensors += [("\(module).\(keys[0])", a), ("\(module).\(keys[1])", b)]
    }
  }

  /// A of all pieces stacked; B of each in its own rows and columns.
  private static func block(_ pieces: [Piece], rank: Int, in width: (in: Int, out: Int)) throws -> (
    Tensor, Tensor
  ) {
    var a: [Float] = [], b = [Float](repeating: 0, count: width.out * rank), column = 0
    for piece in pieces {
      a += piece.a.scalars
      let r = piece.b.width, values = piece.b.scalars
      for (i, row) in piece.rows.enumerated() {
        for j in 0..<r { b[row * rank + column + j] = values[i * r + j] }
      }
      column += r
    }
    a += [Float](repeating: 0, count: rank * width.in - a.count)
    return (try Tensor([rank, width.in], a), try Tensor([width.out, rank], b))
  }

  /// Puts the larger rank and α into the configuration; gives the sentence that says so.
  func rewrite(_ config: inout JSON.Object) throws -> String {
    let isRoot = config["use_rslora"]?.asBool == true
    guard let alpha = config["lora_alpha"]?.asNumber else { throw Failure("the adapter has no lora_alpha.") }
    let larger = alpha * (isRoot ? Double(most).squareRoot() : Double(most))
    config["r"] = .integer(most * rank)
    config["lora_alpha"] = JSON(.number(larger))
    let filled = isFilled ? " Modules with fewer parts are filled up with zeros." : ""
    return
      "peft has no parts: \(names.joined(separator: ", ")) became one LoRA on the whole projection, exactly: "
      + "A stacked, B zero outside each part's rows, r = \(most)·\(rank) and alpha times "
      + "\(isRoot ? "√" : "")\(most), so that the scale stays the same.\(filled)"
  }
}
