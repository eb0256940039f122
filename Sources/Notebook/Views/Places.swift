import Engine
import Networks
import Options

extension Subject {
  /// The sites that a pattern chooses, all where none is given: by name or end of a name, ours or Hugging Face's,
  /// by the module they are in (`blocks.0`), or by the attachment that sits on them.
  func sites(_ text: String?, at place: Range<Int>? = nil) throws -> [Site] {
    guard let text else { return model.sites }
    if let attachment = model.attachments.first(where: { $0.name == text }), !attachment.edits.isEmpty {
      return attachment.edits.map(\.site)
    }
    let pattern = SitePattern(text), module = Self.module(text)
    let found = model.sites.filter { pattern.matches($0) || $0.name.hasPrefix(module) }
    guard !found.isEmpty else {
      let names = model.sites.map(\.name) + Set(model.sites.map(\.localName)).sorted()
      throw unknown("place", text, among: names, of: name).at(place)
    }
    return found
  }

  /// The one site of a name, or all whose names end with a pattern.
  func named(_ text: String, at place: Range<Int>? = nil) throws -> [Site] {
    if let one = model.site(text) { return [one] }
    let pattern = SitePattern(text), found = model.sites.filter { pattern.matches($0) }
    guard found.isEmpty else { return found }
    throw unknown("place", text, among: model.sites.map(\.name), of: name).at(place)
  }

  /// The parameters that a pattern chooses, all where none is given.
  func parameters(_ text: String?, at place: Range<Int>? = nil) throws -> [Parameter] {
    guard let text else { return model.parameters }
    if let attachment = model.attachments.first(where: { $0.name == text }) {
      return model.parameters.filter { parameter in
        attachment.claims(parameter) || attachment.parameters.contains { $0 === parameter }
      }
    }
    if let one = model.parameter(text) { return [one] }
    let pattern = SitePattern(text), module = Self.module(text)
    let found = model.parameters.filter { pattern.matches($0.name) || $0.name.hasPrefix(module) }
    guard !found.isEmpty else {
      throw unknown("parameter", text, among: model.parameters.map(\.name), of: name).at(place)
    }
    return found
  }

  /// `blocks.0` and `blocks.0.*` mean everything in block 0.
  private static func module(_ text: String) -> String {
    text.hasSuffix(".*") ? String(text.dropLast()) : text + "."
  }
}

extension Site {
  /// The parameters of the base that it computes with.
  var own: [Parameter] { [weight, bias].compactMap { $0 } }
}

extension Attachment {
  /// The parameters that it added at a site.
  func parameters(at site: Site) -> [Parameter] {
    let path = (site.kind == .entry ? name : site.name + "." + name) + "."
    return parameters.filter { $0.name.hasPrefix(path) }
  }

  /// `active`, `off` or `merged`, with a sign.
  var condition: String { isFolded ? "◆ merged" : isOn ? "● active" : "○ off" }
}

/// Whether parameters are trained, by sign and word.
func mark(_ parameters: [Parameter]) -> String {
  if parameters.isEmpty { return "" }
  let trained = parameters.filter(\.isTrainable).count
  return trained == 0 ? "○ frozen" : trained == parameters.count ? "● trained" : "◐ partly"
}

/// A shape as it is shown: `16×16×48`; `1` for a single number.
func shapeText(_ shape: [Int]) -> String {
  shape.isEmpty ? "1" : shape.map(String.init).joined(separator: "×")
}
