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
  /// The same, given where it was placed: the sites that were chosen, without parts, and whether nothing was said of
  /// places. Unless a method says otherwise, it trains what `trains` says at those sites.
  func trains(_ parameter: Parameter, at sites: [Site], isEverywhere: Bool) -> Bool
  /// What to know about its options at the sites it got, in sentences: a rank over a width.
  func remarks(at sites: [Site]) -> [String]
  /// The factor on the learning rate for a parameter: LoRA+.
  func rate(of parameter: Parameter) -> Float
  /// How it packs a linear weight of the frozen base: QLoRA. nil: it leaves it as it is.
  func codec(for parameter: Parameter) -> (any Codec)?
  /// What it does at a site; parameters are made in the scope. nil: nothing.
  func edit(_ site: Site, _ scope: Scope) throws -> Edit?
  /// Numbers it adds at a site, from widths and options alone.
  func count(at site: Site) -> Int
  /// Numbers that all its sites share, counted once.
  func sharedCount(at sites: [Site]) -> Int
  /// Settles what depends on the model's words, before sites are asked: ids of an initial text.
  mutating func prepare(_ model: Model) throws
  /// The attachment whose encoder it uses in place of one of its own; nil: none.
  var lender: String? { get }
  /// Whether its own parameters stay as they are unless they are thawed.
  var isFixed: Bool { get }
  /// Why a parameter of its own can never have a gradient other than zero; nil: it can.
  func idle(_ parameter: Parameter, in model: Model) -> String?
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
  /// What `trains` says, at the chosen sites.
  public func trains(_ parameter: Parameter, at sites: [Site], isEverywhere: Bool) -> Bool {
    trains(parameter) && (isEverywhere || sites.contains { $0.weight === parameter || $0.bias === parameter })
  }
  /// Nothing.
  public func remarks(at sites: [Site]) -> [String] { [] }
  /// Every model.
  public func supports(_ model: Model) throws {}
  /// Nothing of the base.
  public func trains(_ parameter: Parameter) -> Bool { false }
  /// The learning rate as it is.
  public func rate(of parameter: Parameter) -> Float { 1 }
  /// Nothing is packed.
  public func codec(for parameter: Parameter) -> (any Codec)? { nil }
  /// Nothing at any site.
  public func edit(_ site: Site, _ scope: Scope) throws -> Edit? { nil }
  /// Nothing.
  public func count(at site: Site) -> Int { 0 }
  /// Nothing shared.
  public func sharedCount(at sites: [Site]) -> Int { 0 }
  /// Nothing to settle.
  public mutating func prepare(_ model: Model) throws {}
  /// All that it adds can learn.
  public func idle(_ parameter: Parameter, in model: Model) -> String? { nil }
  /// Nobody's.
  public var lender: String? { nil }
  /// They train.
  public var isFixed: Bool { false }
  /// Nothing to leave out.
  public func settled(_ held: Held) throws -> (method: Self, values: [String: Tensor])? { nil }
}

extension TuningMethod {
  /// Numbers it adds at sites, from widths and options alone.
  public func count(at sites: [Site]) -> Int { sites.reduce(sharedCount(at: sites)) { $0 + count(at: $1) } }
}

/// A method by which a language model reads image tokens, their values let in through gates.
public protocol SeeingMethod {
  /// How far the gates of an attachment are open at a site, in −1…1, for what the site read: [batch, time, heads]; nil
  /// where it has none there.
  func gate(_ site: Site, of attachment: Attachment, reading x: Tensor) throws -> Tensor?
}

/// A method whose change is multiplied by one number, which `attach` prints.
public protocol ScaledMethod {
  /// That number: α/r for LoRA.
  var scale: Float { get }
  /// That number at a site, where it differs.
  func scale(at site: Site) -> Float
}

extension ScaledMethod {
  /// The same everywhere.
  public func scale(at site: Site) -> Float { scale }
}
