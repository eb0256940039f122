import Networks

/// The dotted names of a model, sorted, so that what can follow a beginning is found at once.
///
/// Built once for each structure of a model: values may change, names not.
struct CompletionIndex {
  /// Full names of sites and parameters.
  let places: [String]
  /// What `on=` can name: names inside blocks, full names, and Hugging Face's last parts.
  let targets: [String]

  /// The names of a model.
  init(_ model: Model) {
    places = Set(model.sites.map(\.name) + model.parameters.map(\.name)).sorted()
    let sites = model.sites.filter {
      $0.kind == .linear || $0.kind == .part || $0.kind == .norm || $0.kind == .embedding
    }
    targets = Set(sites.flatMap { [$0.localName, $0.name] }).sorted()
  }

  /// Whether a model still has the structure that an index was made for.
  struct Key: Equatable {
    private let model: ObjectIdentifier
    private let attachments: [ObjectIdentifier]

    init(_ model: Model) {
      self.model = ObjectIdentifier(model)
      attachments = model.attachments.map { ObjectIdentifier($0) }
    }
  }

  /// Names that begin as typed, up to their next point: `blocks.` and not the hundreds within.
  ///
  /// A beginning that only one branch continues is followed to where it forks.
  static func next(_ typed: String, in names: [String]) -> [String] {
    var typed = typed
    while true {
      let found = segments(typed, in: names)
      guard found.count == 1, let only = found.first, only.hasSuffix("."), only != typed else { return found }
      typed = only
    }
  }

  private static func segments(_ typed: String, in names: [String]) -> [String] {
    let start = typed.utf8.count
    var found: [String] = []
    for name in names[first(typed, in: names)...] {
      guard name.hasPrefix(typed) else { break }
      let rest = name.utf8.dropFirst(start)
      let piece = rest.firstIndex(of: UInt8(ascii: ".")).map { String(name[...$0]) } ?? name
      if found.last != piece, !found.contains(piece) { found.append(piece) }
    }
    return found
  }

  /// The first name that is not before what was typed.
  private static func first(_ typed: String, in names: [String]) -> Int {
    var low = 0, high = names.count
    while low < high {
      let middle = (low + high) / 2
      if names[middle] < typed { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
