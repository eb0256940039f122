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

    /// A row for one parameter; `live` is the key with `.default` behind its first word unless it is given.
    public init(_ own: String, _ key: String, live: String? = nil) {
      (self.own, self.key, others, axis) = (own, key, [], nil)
      let words = key.split(separator: ".")
      let usual = words.prefix(1) + ["default"] + words.dropFirst()
      self.live = live ?? usual.joined(separator: ".")
    }

    /// A row for one tensor that holds parameters of these names, at all sites in order, joined along an axis.
    public init(joining own: [String], along axis: Int, _ key: String) {
      (self.own, others, self.key, self.axis) = (own.first ?? "", Array(own.dropFirst()), key, axis)
      live = key
    }

    /// All names of ours.
    public var leaves: [String] { [own] + others }
  }

  /// One of our options in a config.
  public struct Key {
    /// `peft`'s key.
    public let key: String
    /// The value to write; nil: leave the key out (it has `peft`'s default).
    public let write: (Method) -> OptionValue?
    /// Takes the value read; throws what cannot be held.
    public let read: (inout Method, OptionValue) throws -> Void

    /// A row.
    public init(
      _ key: String, write: @escaping (Method) -> OptionValue?,
      read: @escaping (inout Method, OptionValue) throws -> Void
    ) {
      self.key = key
      self.write = write
      self.read = read
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
}
