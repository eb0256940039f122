/// What is true of every model of an architecture: its names, and where methods go by default.
public struct Architecture: Sendable {
  /// A parameter's two names; `*` stands for the number of a block.
  public struct Name: Sendable {
    /// Ours, without `.weight`: `blocks.*.attn.qkv`.
    public let own: String
    /// Hugging Face's: `transformer.h.*.attn.c_attn`.
    public let foreign: String
    /// Whether the file holds the weight as [in, out] (GPT-2's Conv1D).
    public let isTransposed: Bool
    /// Whether the file's name is the whole name of the one tensor, without `.weight`.
    public let isBare: Bool
    /// The module's name in today's `transformers`, where files keep an older one.
    public let module: String?

    /// A row of the table.
    public init(
      _ own: String, _ foreign: String, transposed: Bool = false, bare: Bool = false, module: String? = nil
    ) {
      (self.own, self.foreign, self.module) = (own, foreign, module)
      (isTransposed, isBare) = (transposed, bare)
    }
  }

  /// What it is called here: `gpt`.
  public let title: String
  /// Hugging Face's `model_type`: `gpt2`.
  public let type: String
  /// Hugging Face's class, for `config.json`: `GPT2LMHeadModel`.
  public let className: String
  /// Modules by both names, in order.
  public let names: [Name]
  /// Names that share another one's weight, and so are not in the file.
  public let tied: [(own: String, shares: String)]
  /// Where methods sit unless `on=` says otherwise, by method; as `peft` has it.
  public let targets: [String: [String]]
  /// The key of the context length in the config, and of other sizes that methods ask for.
  public let sizes: (context: String, width: String, layers: String, heads: String)

  /// An architecture from its facts.
  public init(
    title: String, type: String, className: String, names: [Name], tied: [(own: String, shares: String)],
    targets: [String: [String]],
    sizes: (context: String, width: String, layers: String, heads: String)
  ) {
    self.title = title
    self.type = type
    self.className = className
    self.names = names
    self.tied = tied
    self.targets = targets
    self.sizes = sizes
  }

  /// Hugging Face's module name of a site, as `peft` has it.
  public func foreignSite(_ name: String) -> String? {
    for row in names {
      if let found = Self.translate(name, row.own, row.module ?? row.foreign) { return found }
    }
    return nil
  }

  /// The module name that a site had in older `transformers`, where it was another one: files keep it, and so do
  /// adapters that were saved then.
  public func olderSite(_ name: String) -> String? {
    for row in names where row.module != nil {
      if let found = Self.translate(name, row.own, row.foreign) { return found }
    }
    return nil
  }

  /// The name in a file of one of our parameters: `blocks.0.attn.o.weight`.
  public func fileName(_ parameter: String) -> String? {
    guard let dot = parameter.lastIndex(of: ".") else { return nil }
    let module = String(parameter[..<dot])
    guard let row = row(module), let found = Self.translate(module, row.own, row.foreign) else { return nil }
    return row.isBare ? found : found + parameter[dot...]
  }

  /// Our parameter name of Hugging Face's, with or without the base-model prefix.
  public func ownName(_ name: String) -> String? {
    let dot = name.lastIndex(of: ".") ?? name.startIndex
    let module = String(name[..<dot]), leaf = name[dot...]
    for row in names {
      let (text, end) = row.isBare ? (name, ".weight") : (module, String(leaf))
      for foreign in [row.foreign, row.module].compactMap({ $0 }) {
        if let found = Self.translate(text, foreign, row.own) { return found + end }
        let bare = foreign.split(separator: ".").dropFirst().joined(separator: ".")
        if !bare.isEmpty, let found = Self.translate(text, bare, row.own) { return found + end }
      }
    }
    return nil
  }

  /// The table's row of one of our module names.
  public func row(_ module: String) -> Name? {
    names.first { Self.translate(module, $0.own, $0.foreign) != nil }
  }

  /// The name written in the other pattern, when it fits the first; `*` keeps its number.
  static func translate(_ name: String, _ from: String, _ to: String) -> String? {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    let pattern = from.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == pattern.count else { return nil }
    var number: Substring?
    for (part, wanted) in zip(parts, pattern) {
      if wanted == "*" { number = part } else if part != wanted { return nil }
    }
    guard let number else { return to }
    return to.split(separator: ".", omittingEmptySubsequences: false).map { $0 == "*" ? number : $0 }.joined(
      separator: ".")
  }
}
