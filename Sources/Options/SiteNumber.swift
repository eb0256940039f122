/// A number for the sites that fit a pattern, as it is typed: `mlp.up:16`.
public struct SiteNumber: Sendable, Equatable, CustomStringConvertible {
  /// The pattern of site names.
  public var site: String
  /// The number there.
  public var number: Float

  /// A number for a pattern.
  public init(_ site: String, _ number: Float) {
    self.site = site
    self.number = number
  }

  /// From `mlp.up:16`; nil where there is no colon with a number behind it.
  public init?(_ text: String) {
    guard let colon = text.lastIndex(of: ":"), colon > text.startIndex,
      let number = Float(text[text.index(after: colon)...]), number.isFinite
    else { return nil }
    self.init(String(text[..<colon]), number)
  }

  /// `mlp.up:16`
  public var description: String { "\(site):\(OptionValue.shortest(Double("\(number)") ?? Double(number)))" }
}

extension Option {
  /// Numbers for patterns of sites, `attn.q:4,mlp.up:16`; the first pattern that fits a site counts there.
  public init(
    _ name: String, _ path: WritableKeyPath<Owner, [SiteNumber]>, _ help: String,
    in allowed: ClosedRange<Float> = -Float.greatestFiniteMagnitude...Float.greatestFiniteMagnitude,
    isWhole: Bool = false
  ) {
    self.init(
      name: name, help: help, kind: .siteNumbers,
      read: { .list($0[keyPath: path].map { .text($0.description) }) }
    ) { owner, value in
      owner[keyPath: path] = try value.elements.map { element in
        guard let text = element.asText, let row = SiteNumber(text), allowed.contains(row.number),
          !isWhole || row.number == row.number.rounded()
        else {
          throw Failure(
            "\(name)=\(value) cannot be: each is a site, a colon and a \(isWhole ? "whole " : "")number, "
              + "such as \(name)=attn.q:4,mlp.up:16.", cure: "\(name): \(help)")
        }
        return row
      }
    }
  }
}
