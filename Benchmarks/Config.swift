import Methods
import Networks
import Options

/// What is trained: everything, or what a line as `attach` takes it says: `lora`, `prefix n=20`, `adapter on=mlp.down`.
struct Config: Equatable {
  /// The line as it was asked for.
  let line: String

  /// Everything trains, with nothing attached.
  static let full = Config("full")
  /// LoRA as the peers' side has it: r = 8, α = 16 on the fused attention projections.
  static let lora = Config("lora")
  /// The same, with the products of frozen weights in bfloat16.
  static let loraHalf = Config("lora-bf16")
  static let rank = 8
  /// Whether the peers' side has it too.
  var isShared: Bool { [.full, .lora, .loraHalf].contains(self) }

  init(_ line: String) { self.line = line }

  /// A line a method of the catalog.
  static var catalog: [Config] { Methods.names.map(Config.init) }

  /// Attaches what the line says; throws where the model cannot take it.
  func attach(to model: Model) throws {
    guard self != .full else { return }
    let whole = self == .lora || self == .loraHalf ? "lora r=\(Self.rank) alpha=16 on=attn.qkv" : line
    let words = whole.split(separator: " ").map(String.init)
    try attach(Methods.named(words.first ?? ""), Array(words.dropFirst()), to: model)
  }

  private func attach<M: TuningMethod>(_: M.Type, _ words: [String], to model: Model) throws {
    var method = M(), placement = Attachment.Placement()
    for word in words {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { throw Failure("“\(word)” is not NAME=VALUE.") }
      let value = (parts[0], Self.value(parts[1]))
      if Attachment.Placement.options.contains(where: { $0.name == parts[0] }) {
        try Attachment.Placement.options.write([value], into: &placement, of: "attach")
      } else {
        try M.options.write([value], into: &method, of: M.card.name)
      }
    }
    try Attachment(method, to: model, name: M.card.name, placement: placement)
  }

  private static func value(_ text: String) -> OptionValue {
    if text.contains(",") { return .list(text.split(separator: ",").map { value(String($0)) }) }
    if let n = Int(text) { return .integer(n) }
    if let x = Double(text) { return .number(x) }
    return ["yes", "no"].contains(text) ? .flag(text == "yes") : .text(text)
  }
}
