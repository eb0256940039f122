import Networks

/// Modules that older `transformers` called otherwise, as adapters saved with it still do: ViT's `query` for `q_proj`.
struct OlderNames {
  private let pairs: [(older: String, today: String)]

  /// Of a model's sites.
  init(_ model: Model) {
    pairs = model.sites.compactMap { site in
      guard let today = site.foreignName, let older = model.architecture.olderSite(site.name), older != today
      else { return nil }
      return (older, today)
    }
  }

  /// Today's names of the modules whose older ones are taken.
  func today(_ isTaken: (_ older: String) -> Bool) -> [String] {
    pairs.filter { isTaken($0.older) }.map(\.today)
  }

  /// A key below one of the modules with the older name in it; nil where the module has none.
  func key(_ key: String) -> String? {
    for (older, today) in pairs where key.hasPrefix(today + ".") { return older + key.dropFirst(today.count) }
    return nil
  }
}
