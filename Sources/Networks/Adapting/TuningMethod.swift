import Engine
import Options

/// A way of fine-tuning: what it adds at which site, and what it trains.
///
/// A method holds only its own idea. Freezing, naming, attaching, detaching, folding, counting, saving and parsing are
/// done once, by `Attachment` and by the catalogs.
public protocol TuningMethod {
  /// With default options.
  init()
  /// What it says of itself.
  static var card: Card { get }
  /// Its options: from them come parsing, help, completion, documentation and saving.
  static var options: [Option<Self>] { get }
  /// Its Hugging Face form; nil: `peft` has none.
  static var foreign: ForeignForm<Self>? { get }
  /// Patterns of sites it sits on unless `on=` says otherwise; empty: every site that it answers for.
  static func targets(_ model: Model) -> [String]
  /// Throws the reason why it cannot be used on a model.
  func supports(_ model: Model) throws
  /// Whether it trains a parameter of the base.
  func trains(_ parameter: Parameter) -> Bool
  /// The factor on the learning rate for a parameter: LoRA+.
  func rate(of parameter: Parameter) -> Float
  /// What it does at a site; parameters are made in the scope. nil: nothing.
  func edit(_ site: Site, _ scope: Scope) throws -> Edit?
  /// Numbers it adds at a site, from widths and options alone.
  func count(at site: Site) -> Int
  /// Settles what depends on the model's words, before sites are asked: ids of an initial text.
  mutating func prepare(_ model: Model) throws
  /// The same effect with less: encoder gone, only its result kept. nil: it is as small as it gets.
  func settled(_ scope: Scope) throws -> (any TuningMethod, [String: Tensor])?
}

extension TuningMethod {
  /// No options.
  public static var options: [Option<Self>] { [] }
  /// No Hugging Face form.
  public static var foreign: ForeignForm<Self>? { nil }
  /// Every site that it answers for.
  public static func targets(_ model: Model) -> [String] { [] }
  /// Every model.
  public func supports(_ model: Model) throws {}
  /// Nothing of the base.
  public func trains(_ parameter: Parameter) -> Bool { false }
  /// The learning rate as it is.
  public func rate(of parameter: Parameter) -> Float { 1 }
  /// Nothing at any site.
  public func edit(_ site: Site, _ scope: Scope) throws -> Edit? { nil }
  /// Nothing.
  public func count(at site: Site) -> Int { 0 }
  /// Nothing to settle.
  public mutating func prepare(_ model: Model) throws {}
  /// Nothing to leave out.
  public func settled(_ scope: Scope) throws -> (any TuningMethod, [String: Tensor])? { nil }
}

/// How `peft` writes a method down: data, from which one reader and one writer work.
public struct ForeignForm<Method> {
  /// One of our parameters in a file.
  public struct Tensor: Sendable {
    /// Ours: `A`.
    public let own: String
    /// What follows the module's name in the file: `lora_A.weight`; for one tensor in all, the whole key.
    public let key: String

    /// A row.
    public init(_ own: String, _ key: String) {
      self.own = own
      self.key = key
    }
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
  /// Tensors of a site, or of the whole.
  public let tensors: [Tensor]
  /// Config keys.
  public let keys: [Key]
  /// What the form cannot hold, by name; nil: it holds everything.
  public let refuses: (Method) -> String?

  /// A form.
  public init(
    type: String, isPerSite: Bool, tensors: [Tensor], keys: [Key],
    refuses: @escaping (Method) -> String? = { _ in nil }
  ) {
    self.type = type
    self.isPerSite = isPerSite
    self.tensors = tensors
    self.keys = keys
    self.refuses = refuses
  }
}

/// A method whose change is multiplied by one number, which `attach` prints.
public protocol ScaledMethod {
  /// That number: α/r for LoRA.
  var scale: Float { get }
}
