import Options

/// An owner of one option of every kind.
struct Recipe: Equatable {
  enum Rule: String, CaseIterable { case cosine, linear, constant }
  var rank = 8
  var rate: Float = 0.001
  var fused = false
  var name = "base"
  var form = "gelu"
  var sites: [String] = []
  var layers: [Int] = []
  var rule = Rule.cosine

  static var options: [Option<Recipe>] {
    [
      Option("r", \.rank, "rank of the change", in: 1...64),
      Option("lr", \.rate, "learning rate", in: 0...10),
      Option("fused", \.fused, "one kernel"), Option("name", \.name, "what it is called"),
      Option("form", \.form, "activation", words: ["gelu", "relu", "silu"]),
      Option("on", \.sites, "where it sits", kind: .sites), Option("layers", \.layers, "which blocks"),
      Option("rule", \.rule, "schedule"),
    ]
  }

  mutating func write(_ name: String, _ value: OptionValue) throws {
    try Recipe.options.write([(name, value)], into: &self, of: "recipe")
  }
}
