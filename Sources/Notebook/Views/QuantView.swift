import Engine
import Events
import Networks
import Options

/// `show quant`: what four bits make of the weights.
public struct QuantView: View {
  /// What it says of itself.
  public static let card = Card(
    "quant", "Weights in four bits: codes, their use, the error in each block, bits a weight.",
    formula: "error = ‖w − ŵ‖/‖w‖        ŵ = value[code]·scale of its block",
    use: "With one place: the codebook and how often each code is used.",
    examples: ["show quant", "show quant blocks.0.attn.qkv", "show quant blocks.0.mlp.up type=int4"],
    notes: [
      "Of a base that is not packed it shows what packing would do; type= and block= choose how.",
      "Bits count the scales: 4 + 8/64 + 32/(64·256) = 4.127 with double quantisation.",
    ])

  /// The code to try, where the weight is not packed.
  public var type = FourBitCode.nf4
  /// The block to try.
  public var block = 64
  /// Whether scales are quantised in the try.
  public var double = true

  /// Its options.
  public static var options: [Option<QuantView>] {
    [
      Option("type", \.type, "the code to try on weights that are not packed"),
      Option("block", \.block, "numbers a block in the try, a power of two", in: 1...65_536),
      Option("double", \.double, "whether the try quantises the scales too"),
    ]
  }
  /// Places.
  public static var takes: Takes { .sites }

  /// What is there, or NF4 as a try.
  public init() {}

  /// A weight, packed, beside the numbers that it stands for.
  private struct Look {
    let name: String, packed: Tensor, packing: FourBit, original: Tensor?

    init(_ parameter: Parameter, _ form: FourBit.Form) throws {
      name = parameter.name
      let isPacked = parameter.value.packing != nil
      packed = isPacked ? parameter.value.plain : try form.packed(parameter.value)
      packing = packed.packing ?? FourBit(form, BlockScales([]))
      original = isPacked && parameter.packing == nil ? nil : try? parameter.original()
    }

    /// ‖w − ŵ‖/‖w‖; nil where w is gone.
    var error: Double? {
      guard let original, let difference = try? original - packed else { return nil }
      let whole = original.norm
      return whole > 0 ? Double(difference.norm / whole) : 0
    }

    /// The same for each block.
    var blockErrors: [Double] {
      guard let original else { return [] }
      let w = original.scalars, q = packed.scalars, n = packing.form.block
      return stride(from: 0, to: w.count, by: n).map { start in
        var lost = 0.0, whole = 0.0
        for i in start..<min(start + n, w.count) {
          lost += Double(w[i] - q[i]) * Double(w[i] - q[i])
          whole += Double(w[i]) * Double(w[i])
        }
        return whole > 0 ? (lost / whole).squareRoot() : 0
      }
    }
  }

  /// Lists the weights, or shows the codes of one.
  public func show(_ session: Session, _ subject: Subject, _ call: Call) throws {
    let model = subject.model, form = FourBit.Form(type, block: block, double: double)
    var chosen = model.packable
    if let text = call.text(0) {
      let sites = try model.site(text).map { [$0] } ?? subject.sites(text, at: call.places.first)
      chosen = chosen.filter { weight in sites.contains { $0.weight === weight } }
      guard !chosen.isEmpty else {
        throw Failure(
          "“\(text)” has no weight that is packed: those of linear layers in blocks are.",
          cure: "For example show quant blocks.0.attn.qkv", place: call.places.first)
      }
    }
    let isTry = !chosen.contains { $0.value.packing != nil }
    let looks = try chosen.map { parameter -> Look in
      try session.interrupt.check()
      return try Look(parameter, form)
    }
    if isTry {
      session.say(.dim("not packed: this is what \(type.rawValue) in blocks of \(block) would make of it"))
    }
    if looks.count == 1, call.text(0) != nil { return codes(looks[0], session) }
    table(looks, session)
    parts(model, looks, isTry, session)
  }

  private func table(_ looks: [Look], _ session: Session) {
    let rows = looks.map { look -> [Datum] in
      [
        .words(look.name), .words(shapeText(look.packed.shape)), .words(look.packing.form.code.rawValue),
        .count(look.packing.form.block), .number(rounded(look.packing.bits(look.packed.count))),
        look.error.map { .number($0) } ?? "original gone",
      ]
    }
    let columns: [Table.Column] = [
      .init("weight", priority: 0, isWhole: true), .init("shape", priority: 4), .init("code", priority: 2),
      .init("block", .right, priority: 5), .init("bits", .right, priority: 1),
      .init("error", .right, priority: 0),
    ]
    session.emit(.table(Table(columns: columns, rows: rows)))
  }

  /// The whole base by its parts, in bits a number: what is packed is not all there is.
  private func parts(_ model: Model, _ looks: [Look], _ isTry: Bool, _ session: Session) {
    let names = Set(looks.map(\.name))
    let others = model.directory.parameters.filter { !names.contains($0.name) }
    let packed = looks.reduce(0) { $0 + $1.packed.count }, rest = others.reduce(0) { $0 + $1.count }
    let packedBytes = looks.reduce(0) { $0 + $1.packed.storage.numberBytes }
    let restBytes = others.reduce(0) { $0 + $1.value.storage.numberBytes }
    func row(_ name: String, _ count: Int, _ bytes: Int) -> [Datum] {
      [
        .words(name), .count(count), .number(rounded(8 * Double(bytes) / Double(max(count, 1)))),
        .bytes(bytes),
        .bytes(4 * count),
      ]
    }
    let columns: [Table.Column] = [
      .init("", priority: 0), .init("numbers", .right, priority: 2), .init("bits each", .right, priority: 1),
      .init("bytes", .right, priority: 0), .init("as float32", .right, priority: 3),
    ]
    session.emit(
      .table(
        Table(
          columns: columns,
          rows: [
            row(isTry ? "would be packed" : "packed", packed, packedBytes),
            row("embeddings, norms, biases", rest, restBytes),
            row("the whole base", packed + rest, packedBytes + restBytes),
          ])))
  }

  private func codes(_ look: Look, _ session: Session) {
    let form = look.packing.form, all = look.packed.codes ?? []
    var counts = [Int](repeating: 0, count: 16)
    for code in all { counts[Int(code)] += 1 }
    session.emit(
      .heading(Heading(look.name, aside: "\(shapeText(look.packed.shape))   \(form.code.rawValue)")))
    let items = form.code.order.map { code in
      let value = form.code.values[Int(code)]
      let text = (value < 0 ? "" : " ") + formatted(value, digits: 4)
      return Bars.Item("\(code)".padded(to: 2, .right) + "  " + text, Double(counts[Int(code)]))
    }
    session.emit(.bars(Bars("code, its value, how often", items)))
    let scales = look.packing.scales.values(0..<look.packing.scales.count)
    var facts: [Facts.Fact] = [
      .init("codes in use", .words("\(counts.filter { $0 > 0 }.count) of 16")),
      .init("blocks", .words("\(grouped(scales.count)) of \(form.block)")),
      .init(
        "scales",
        .words("\(formatted(scales.min() ?? 0, digits: 3)) … \(formatted(scales.max() ?? 0, digits: 3))")),
      .init("bits a weight", .number(rounded(look.packing.bits(look.packed.count)))),
    ]
    let errors = look.blockErrors.sorted()
    if let error = look.error, let least = errors.first, let most = errors.last {
      facts.append(.init("error", .number(error)))
      facts.append(
        .init(
          "by block", .words("\(formatted(Float(least), digits: 2)) … \(formatted(Float(most), digits: 2))")))
    } else {
      facts.append(.init("error", "unknown: the numbers before packing are gone"))
    }
    session.emit(.facts(Facts("", facts)))
    if errors.count > 1 {
      session.emit(.histogram(Histogram("error by block", values: errors.map { Float($0) }, bins: 8)))
    }
  }

  /// To a thousandth, as bits are spoken of.
  private func rounded(_ bits: Double) -> Double { (bits * 1000).rounded() / 1000 }
}
