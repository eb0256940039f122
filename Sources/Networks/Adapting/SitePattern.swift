import Options

/// Patterns such as `attn.q`, `blocks.*.mlp.up`, `c_attn`: matched against whole parts of a site's name, from its end.
public struct SitePattern: Sendable, Equatable, CustomStringConvertible {
  /// The pattern as typed.
  public let description: String
  private let parts: [String]

  /// A pattern from text.
  public init(_ text: String) {
    description = text
    parts = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
  }

  /// Whether a dotted name ends with the pattern; `*` stands for one part, or for parts of which some letters are `*`.
  public func matches(_ name: String) -> Bool {
    let name = name.split(separator: ".").map(String.init)
    guard name.count >= parts.count, !parts.isEmpty else { return false }
    return zip(name.suffix(parts.count), parts).allSatisfy { Self.fits($0, $1) }
  }

  /// Whether a site has the name, by ours or by Hugging Face's.
  public func matches(_ site: Site) -> Bool {
    matches(site.name) || site.foreignName.map { matches($0) } == true
  }

  private static func fits(_ text: String, _ pattern: String) -> Bool {
    guard pattern.contains("*") else { return text == pattern }
    let pieces = pattern.split(separator: "*", omittingEmptySubsequences: false).map(String.init)
    guard let first = pieces.first, let last = pieces.last, text.hasPrefix(first), text.hasSuffix(last),
      text.count >= first.count + last.count
    else { return false }
    var rest = text.dropFirst(first.count).dropLast(last.count)
    for piece in pieces.dropFirst().dropLast() where !piece.isEmpty {
      guard let found = rest.firstRange(of: piece) else { return false }
      rest = rest[found.upperBound...]
    }
    return true
  }
}

extension [SiteNumber] {
  /// The number of the first pattern that fits a site; nil: none does.
  public func number(at site: Site) -> Float? { first { SitePattern($0.site).matches(site) }?.number }

  /// Throws where a pattern fits no site of the model at all.
  public func check(_ option: String, in model: Model) throws {
    for row in self where !model.sites.contains(where: { SitePattern(row.site).matches($0) }) {
      let names = Set(model.sites.filter { $0.kind == .linear || $0.kind == .part }.map(\.localName)).sorted()
      let near = nearest(to: row.site, among: names)
      throw Failure(
        "\(option)=\(row): no site matches \(row.site).", cure: near.map { "Did you mean \($0)?" } ?? "",
        details: wrapped(names, prefix: "there are: "))
    }
  }
}
