import Engine
import Options

/// How `peft` writes a method down: data, from which one reader and one writer work.
public struct ForeignForm<Method> {
  /// A tensor of a file and the parameters of ours that it holds.
  public struct Tensor: Sendable {
    /// Ours: `A`; of several that are joined, the first.
    public let own: String
    /// The others that are joined with it, site by site: the values behind the keys of a layer.
    public let others: [String]
    /// What follows the module's name in the file: `lora_A.weight`; for one tensor in all, the whole key.
    public let key: String
    /// The axis along which one tensor holds the parameters of all sites one after another; nil: one parameter.
    public let axis: Int?
    /// The key while the model lives in Python, where the adapter's name stands inside it: `lora_A.default.weight`.
    public let live: String
    /// Whether the row is for tables of vectors, or for all other sites.
    public let isTable: Bool
    /// How the parts of a fused layer become one tensor of the whole; nil: they cannot.
    public let parts: Parts?

    /// A row for one parameter; `live` is the key with `.default` behind its first word unless it is given.
    public init(_ own: String, _ key: String, live: String? = nil, isTable: Bool = false, parts: Parts? = nil)
    {
      (self.own, self.key, others, axis) = (own, key, [], nil)
      (self.isTable, self.parts) = (isTable, parts)
      let words = key.split(separator: ".")
      let usual = words.prefix(1) + ["default"] + words.dropFirst()
      self.live = live ?? usual.joined(separator: ".")
    }

    /// A row for one tensor that holds parameters of these names, at all sites in order, joined along an axis.
    public init(joining own: [String], along axis: Int, _ key: String) {
      (self.own, others, self.key, self.axis) = (own.first ?? "", Array(own.dropFirst()), key, axis)
      (isTable, parts, live) = (false, nil, key)
    }

    /// All names of ours.
    public var leaves: [String] { [own] + others }
  }

  /// How tensors of parts become one tensor of the whole layer.
  public enum Parts: Sendable {
    /// [r, in] under each other: A.
    case stacked
    /// [out, r] in rows and columns of their own, zero elsewhere: B. The scale of a part goes along.
    case blocks
    /// One number a row; rows without a part have what is made from W [out, in].
    case rows(@Sendable (Engine.Tensor) throws -> Engine.Tensor)
  }

  /// One of our options in a config.
  public struct Key {
    /// What stands under a key.
    public enum Content {
      /// A value, from `write`.
      case value
      /// Numbers by module, for the sites that have one of their own.
      case numbers((Method, Site) -> Float?)
      /// The modules of `target_modules` for which something holds.
      case modules((Method, Site) -> Bool)
    }

    /// `peft`'s key.
    public let key: String
    /// What stands there.
    public let content: Content
    /// The value to write; nil: leave the key out (it has `peft`'s default).
    public let write: (Method) -> OptionValue?
    /// Takes the value read; throws what cannot be held. Numbers by module come as texts `module:number`.
    public let read: (inout Method, OptionValue) throws -> Void

    /// A row.
    public init(
      _ key: String, write: @escaping (Method) -> OptionValue?,
      read: @escaping (inout Method, OptionValue) throws -> Void
    ) {
      (self.key, content, self.write, self.read) = (key, .value, write, read)
    }

    /// A row of which the content depends on sites.
    public init(
      _ key: String, _ content: Content, read: @escaping (inout Method, OptionValue) throws -> Void
    ) {
      (self.key, self.content, write, self.read) = (key, content, { _ in nil }, read)
    }
  }

  /// Where parameters of the base that a method trains stand in the file: what comes between module and leaf.
  public struct Trained: Sendable {
    /// In modules that are targets: `base_layer.`
    public let targeted: String
    /// In all others.
    public let others: String
    /// In modules that are targets, while the model lives in Python: with the adapter's name where it has one.
    public let live: String
    /// Whether a file may lack them: the base's own are used then.
    public let mayLack: Bool

    /// A rule; `live` is as in the file unless it is given.
    public init(targeted: String, others: String = "", live: String? = nil, mayLack: Bool = false) {
      (self.targeted, self.others, self.live, self.mayLack) = (targeted, others, live ?? targeted, mayLack)
    }
  }

  /// A tensor of zeros at the first of some modules: `peft` wants it and it says nothing.
  public struct Stub {
    /// The key and the shape.
    public let tensors: [(key: String, shape: (Site) -> [Int])]
    /// Modules of the architecture, by the name of its table of targets.
    public let table: String

    /// A stub.
    public init(at table: String, _ tensors: [(key: String, shape: (Site) -> [Int])]) {
      (self.table, self.tensors) = (table, tensors)
    }
  }

  /// `LORA`, `PROMPT_TUNING`.
  public let type: String
  /// Whether tensors stand per module (keys begin with the module's name), or once for the whole model.
  public let isPerSite: Bool
  /// Tensors of a site, or of the whole. A file holds results: of a method with an encoder, what `settled` leaves.
  public let tensors: [Tensor]
  /// For one tensor in all: what trains while the model lives in Python, an encoder's weights too, under the names
  /// there; a row counts where the attachment has its parameters. Forms per site have this in `Tensor.live`.
  public let live: (Method) -> [Tensor]
  /// Config keys.
  public let keys: [Key]
  /// Makes a method with an encoder one without, which is what a file holds.
  public let settle: (inout Method) -> Void
  /// What the form cannot hold, by name; nil: it holds everything.
  public let refuses: (Method) -> String?

  /// Whether a config of the type, asked by key, is this method's where several methods share a type; nil: it is
  /// whatever no other one claims.
  public var claims: ((_ config: (String) -> OptionValue?) -> Bool)?
  /// Whether files are written in this form, but read as another method of the type.
  public var isWrittenOnly = false
  /// The architecture's table of `peft`'s default modules, which counts where a config names none; nil: they follow
  /// from the method.
  public var table: String?
  /// Whether `peft`'s config can name blocks (`layers_to_transform`).
  public var namesLayers = false
  /// Where trained parameters of the base stand; nil: nowhere.
  public var trained: Trained?
  /// Zeros for form's sake.
  public var stub: Stub?

  /// A form.
  public init(
    type: String, isPerSite: Bool, tensors: [Tensor], live: @escaping (Method) -> [Tensor] = { _ in [] },
    keys: [Key], settle: @escaping (inout Method) -> Void = { _ in },
    refuses: @escaping (Method) -> String? = { _ in nil }
  ) {
    self.type = type
    self.isPerSite = isPerSite
    self.tensors = tensors
    self.live = live
    self.keys = keys
    self.settle = settle
    self.refuses = refuses
  }
  /// The rows that are for a site.
  public func rows(at site: Site) -> [Tensor] {
    tensors.filter { !isPerSite || $0.isTable == (site.kind == .embedding) }
  }
}

extension ForeignForm.Key {
  /// The row for a method that holds this row's method at a key path.
  public func lifted<Outer>(_ path: WritableKeyPath<Outer, Method>) -> ForeignForm<Outer>.Key {
    switch content {
    case .value:
      return .init(key, write: { write($0[keyPath: path]) }, read: { try read(&$0[keyPath: path], $1) })
    case .numbers(let number):
      return .init(
        key, .numbers { number($0[keyPath: path], $1) }, read: { try read(&$0[keyPath: path], $1) })
    case .modules(let holds):
      return .init(
        key, .modules { holds($0[keyPath: path], $1) }, read: { try read(&$0[keyPath: path], $1) })
    }
  }
}
