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
  /// Its form in the `adapters` library; nil: that has none.
  static var library: LibraryForm<Self>? { get }
  /// Patterns of sites it sits on unless `on=` says otherwise; empty: every site that it answers for.
  static func targets(_ model: Model) -> [String]
  /// The same, where options have a say; `targets` unless a method says otherwise.
  func places(in model: Model) -> [String]
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
  /// The attachment whose encoder it uses in place of one of its own; nil: none.
  var lender: String? { get }
  /// Whether its own parameters stay as they are unless they are thawed.
  var isFixed: Bool { get }
  /// The same effect with less: encoder gone, only its result kept, by the names of the parameters that hold it.
  /// nil: it is as small as it gets.
  func settled(_ held: Held) throws -> (method: Self, values: [String: Tensor])?
}

extension TuningMethod {
  /// No options.
  public static var options: [Option<Self>] { [] }
  /// No Hugging Face form.
  public static var foreign: ForeignForm<Self>? { nil }
  /// No form in the `adapters` library.
  public static var library: LibraryForm<Self>? { nil }
  /// Every site that it answers for.
  public static func targets(_ model: Model) -> [String] { [] }
  /// Those of the type.
  public func places(in model: Model) -> [String] { Self.targets(model) }
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
  /// Nobody's.
  public var lender: String? { nil }
  /// They train.
  public var isFixed: Bool { false }
  /// Nothing to leave out.
  public func settled(_ held: Held) throws -> (method: Self, values: [String: Tensor])? { nil }
}

/// A method whose change is multiplied by one number, which `attach` prints.
public protocol ScaledMethod {
  /// That number: α/r for LoRA.
  var scale: Float { get }
}
