import Events
import Options

/// One of everything, as it would really look.
enum Samples {
  static let losses: [Double] = [0.098, 0.095, 0.097, 0.064, 0.043, 0.007, 0.003, 0.002]
  static let steps: [Double] = [0, 1, 2, 5, 10, 20, 40, 59]

  static let table = Table(
    columns: ["method", "trainable", "share", "loss", "first letter", "accuracy", "loss on a new skill"],
    rows: [
      ["lora r=4", 1536, .percent(0.0387), 0.0018, 1.0, 1.0, 0.252],
      ["adapter b=8", 3296, .percent(0.0775), 0.0011, 1.0, 1.0, 0.112],
      ["prompt n=4", 192, .percent(0.0048), 0.1101, 0.49, 0.96, 3.030],
    ])

  static let attention = Heatmap(
    "blocks.0.attn · head 1", rows: ["e", "g", "i", "k"], columns: ["e", "g", "i", "k"],
    values: [[1, 0, 0, 0], [0.72, 0.28, 0, 0], [0.05, 0.9, 0.05, 0], [0.001, 0.2, 0.5, 0.299]])

  static let pictures = PictureRow(
    "row 0 to 2",
    [
      PictureRow.Item(
        "a ring",
        (0..<28).map { y in
          (0..<28).map { x in
            let r = Double((2 * x - 27) * (2 * x - 27) + (2 * y - 27) * (2 * y - 27)).squareRoot()
            return max(0, 1 - abs(r - 18) / 9)
          }
        }),
      PictureRow.Item("four pixels", [[1, 0.3], [0, 0.7]]),
      PictureRow.Item("wide", [(0..<100).map { Double($0) / 99 }, (0..<100).map { Double($0) / 99 }]),
    ])

  static let model = Tree([
    Tree.Node(
      "m", facts: "gpt · 39,648 parameters",
      [
        Tree.Node("embed", facts: "26×48"),
        Tree.Node(
          "blocks.0", [Tree.Node("attn.qkv", facts: "144×48 · lora"), Tree.Node("mlp.up", facts: "192×48")]),
        Tree.Node("head", facts: "tied to embed"),
      ])
  ])

  static let failure = FailureView(
    Failure(
      "no site matches “attn.w” in m.", cure: "Did you mean “attn.q”?",
      details: ["there are: attn.k attn.o attn.q attn.v mlp.down mlp.up"], place: 19..<25),
    source: "attach lora r=8 on=attn.w")

  static let running = ProgressLine(21, of: 60, loss: 0.007, rate: 46, eta: 0.85, values: losses)
  static let finished = ProgressLine(
    60, of: 60, loss: 0.002, elapsed: 1.3, values: losses, finished: true)
  static let two = Curve(
    [
      Curve.Series("lora", x: steps, y: losses),
      Curve.Series("prompt", x: steps, y: losses.map { 0.05 + $0 / 2 }),
    ], axis: "step")

  static let weights = TensorView(
    "blocks.0.attn.v.B", shape: [40, 4], values: (0..<160).map { Float($0 % 7) * 0.01 })
  static let question = Question(
    "Before any training, will the output differ from the base model?",
    choices: ["a little", "not at all", "completely"], id: "lora/2")
  static let wrong = Verdict(
    .wrong, "Only B. grad A = (…)·Bᵀ and B is 0; grad B = Aᵀ·(…) and A is not.", id: "lora/3")
  static let pretrained = "pretrained on **4 skills**: +1 +2 +3 −1   loss 0.099 (floor `ln(4)/15` = 0.092)"

  static let all: [(name: String, event: Event)] = [
    ("prose", .prose(Prose(marked: pretrained))),
    ("heading", .heading(Heading("LoRA, part 1", aside: "step 1 of 9"))),
    (
      "facts",
      .facts(["loss": 0.0996, "first-letter accuracy": 0.3, "accuracy": 0.95, "memory": .bytes(158_592)])
    ),
    ("table", .table(table)),
    ("tensor", .tensor(weights)),
    ("curve", .curve(Curve("loss", x: steps, y: losses))),
    ("curves", .curve(two)),
    ("spark", .curve(Curve("loss", x: steps, y: losses, form: .spark))),
    (
      "bars",
      .bars(
        Bars("update to weight", [.init("attn.q", 0.0012), .init("attn.v", 0.0031), .init("mlp", -0.0005)]))
    ),
    (
      "top",
      .bars(
        Bars("", [.init("d", 0.347), .init("f", 0.277), .init("h", 0.212), .init("e", 0.011)], inline: true))
    ),
    (
      "histogram",
      .histogram(Histogram("grad", values: (0..<200).map { Float($0 % 20 * ($0 % 13)) / 100 }, bins: 8))
    ),
    ("heatmap", .heatmap(attention)),
    ("pictures", .pictures(pictures)),
    ("tree", .tree(model)),
    ("progress", .progress(running)),
    ("finished", .progress(finished)),
    ("question", .question(question)),
    ("right", .verdict(Verdict(.right, "B = 0, so ΔW = 0, exactly. As you predicted.", id: "lora/2"))),
    ("wrong", .verdict(wrong)),
    ("error", .error(failure)),
    ("value", .value(ValueView(0.0, name: "%9", remark: "exactly: B = 0"))),
    ("warning", .warning("0 parameters are trainable: a step would change nothing.")),
  ]
}
