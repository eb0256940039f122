import Engine
import Options

/// How a parameter's first value is drawn.
public enum Start {
  case zeros, ones
  /// Normal with mean 0 and this standard deviation.
  case normal(Float)
  /// The same, with what lies beyond two standard deviations drawn again.
  case truncated(Float)
  /// Uniform in ± this bound.
  case uniform(Float)
  /// These very numbers, in memory of their own.
  case values(Tensor)
}

/// Where names come from while something is built: each layer opens a scope, and what it makes is named after it.
///
/// The same scope serves models and attachments; both are directories of parameters.
public struct Scope {
  /// The path so far: `blocks.0.attn`.
  public let path: String
  /// Chance for first values: keyed by seed and name, so the order of building does not matter.
  public let chance: Chance
  /// For an attachment: the model's table of word vectors [vocabulary, width].
  public let table: Tensor?
  let directory: Directory
  /// The attachment whose parameters they are; for a model nothing.
  var owner = ""
  /// Whose shared parameters stand in for new ones.
  var lender: Attachment?

  init(_ directory: Directory, path: String = "", chance: Chance, table: Tensor? = nil) {
    self.directory = directory
    self.path = path
    self.chance = chance
    self.table = table
  }

  /// A scope inside this one.
  public func child(_ name: String) -> Scope { at(join(name)) }

  private func at(_ path: String) -> Scope {
    var scope = Scope(directory, path: path, chance: chance, table: table)
    (scope.owner, scope.lender) = (owner, lender)
    return scope
  }

  /// A scope inside this one, by number.
  public func child(_ index: Int) -> Scope { child(String(index)) }

  /// Makes a parameter named after the scope. Shapes-only directories hold no numbers yet and take the start later.
  /// A fixed one is saved with the rest and never trained.
  public func parameter(_ name: String, _ shape: [Int], _ start: Start, isFixed: Bool = false) throws
    -> Parameter
  {
    let full = join(name)
    guard directory.parameter(full) == nil else {
      throw EngineError.shapes(op: "build", "the name \(full) is taken")
    }
    let value = try directory.source?(full, shape) ?? first(full, shape, start)
    let made = Parameter(full, value, isFixed: isFixed)
    guard made.shape == shape else {
      throw EngineError.shapes(op: "build", "\(full) should be \(shape), the file has \(made.shape)")
    }
    directory.add(made)
    return made
  }

  /// A parameter of the whole attachment, made by the first site that asks for it: `prefix.E`.
  public func shared(_ name: String, _ shape: [Int], _ start: Start) throws -> Parameter {
    guard let known = directory.parameter(owner + "." + name) else {
      return try at(owner).parameter(name, shape, start)
    }
    return known
  }

  /// A shared parameter, or the lender's where the method uses another attachment's encoder; throws where that has
  /// none of the name, or of another shape.
  public func lent(_ name: String, _ shape: [Int], _ start: Start) throws -> Parameter {
    guard let lender else { return try shared(name, shape, start) }
    guard let found = lender.parameters.first(where: { $0.name == lender.name + "." + name }),
      found.shape == shape
    else {
      throw Failure(
        "\(lender.name) has no encoder that \(owner) could use: it lacks \(name) \(shape).",
        cure: "Give both the same encoder, hidden width and layers.")
    }
    directory.borrow(found)
    return found
  }

  /// A parameter that the attachment has at a site by now, which it is known by; nil: none.
  public func known(_ name: String, at site: String) -> Parameter? {
    directory.parameter("\(site).\(owner).\(name)")
  }

  /// Makes a site named after the scope.
  func site(_ kind: Site.Kind, width: (in: Int, out: Int), weight: Parameter? = nil, bias: Parameter? = nil)
    -> Site
  {
    let made = Site(path, kind, width: width, weight: weight, bias: bias)
    directory.add(made)
    return made
  }

  private func join(_ name: String) -> String { path.isEmpty ? name : path + "." + name }

  private func first(_ name: String, _ shape: [Int], _ start: Start) throws -> Tensor {
    switch start {
    case .zeros: return .zeros(shape)
    case .ones: return .filled(shape, 1)
    case .normal(let deviation): return chance.normal(shape, deviation: deviation, purpose: name)
    case .truncated(let deviation): return chance.truncatedNormal(shape, deviation: deviation, purpose: name)
    case .uniform(let bound): return chance.uniform(shape, -bound, bound, purpose: name)
    // A copy: the tape tells parameters apart by their memory.
    case .values(let tensor): return try tensor.plain.scaled(by: 1).reshaped(shape)
    }
  }
}

/// The parameters and sites of a model or an attachment, in the order they were made.
public final class Directory {
  /// All parameters, in order.
  public private(set) var parameters: [Parameter] = []
  /// All sites, in order.
  public private(set) var sites: [Site] = []
  /// Parameters of others that are used too.
  private(set) var borrowed: [Parameter] = []
  private var parameterByName: [String: Parameter] = [:]
  private var siteByName: [String: Site] = [:]
  /// Where first values come from instead of chance: a file. Gives nil for what it does not hold.
  var source: ((_ name: String, _ shape: [Int]) -> Tensor?)?

  init() {}

  /// The parameter of that name.
  public func parameter(_ name: String) -> Parameter? { parameterByName[name] }
  /// The site of that name.
  public func site(_ name: String) -> Site? { siteByName[name] }

  /// Biases that folding gave to layers that have none, with their layers.
  private(set) var grown: [(site: Site, bias: Parameter)] = []

  /// Gives a layer a bias of zeros behind its weight; it stays as long as somebody claims it.
  func grow(_ site: Site) -> Parameter {
    let bias = Parameter(site.name + ".bias", .zeros([site.width.out]), isGrown: true)
    setGrown(grown + [(site, bias)])
    return bias
  }

  /// Takes back the grown biases that nobody claims any more.
  func shed() {
    guard grown.contains(where: { $0.bias.claims.isEmpty }) else { return }
    setGrown(grown.filter { !$0.bias.claims.isEmpty })
  }

  /// Exchanges all grown biases for these.
  func setGrown(_ wanted: [(site: Site, bias: Parameter)]) {
    for (site, bias) in grown {
      parameters.removeAll { $0 === bias }
      parameterByName[bias.name] = nil
      site.setBias(nil)
    }
    for (site, bias) in wanted {
      let place = parameters.firstIndex { $0 === site.weight } ?? parameters.count - 1
      parameters.insert(bias, at: place + 1)
      parameterByName[bias.name] = bias
      site.setBias(bias)
    }
    grown = wanted
  }

  func add(_ parameter: Parameter) {
    parameters.append(parameter)
    parameterByName[parameter.name] = parameter
  }

  func borrow(_ parameter: Parameter) {
    if !borrowed.contains(where: { $0 === parameter }) { borrowed.append(parameter) }
  }

  func add(_ site: Site) {
    sites.append(site)
    siteByName[site.name] = site
  }
}
