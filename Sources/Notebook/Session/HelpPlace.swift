import Engine
import Events
import Networks
import Options

// Help on what is live: a model, a bound value, a site, a parameter.

extension Help {
  /// `?m`: a model or a bound value; false where nothing has that name.
  func showValue(_ name: String) -> Bool {
    if let subject = session.models.first(where: { $0.name == name }) {
      session.emit(.heading(Heading(name, aside: "model")))
      var lines: [StyledText] = [StyledText(subject.summary), StyledText("from " + subject.origin)]
      let attached = subject.model.attachments.map(\.name).joined(separator: " ")
      lines.append(StyledText(attached.isEmpty ? "nothing is attached" : "attached: " + attached))
      if let source = subject.source { lines.append(StyledText("data: " + source.name)) }
      session.emit(.prose(Prose(lines)))
      return true
    }
    guard let value = session.bindings[name] else { return false }
    session.emit(value.event(name: name))
    return true
  }

  /// `?blocks.0.attn.q`: a site or a parameter; false where there is none of that name.
  func showPlace(_ name: String) -> Bool {
    guard let subject = session.currentSubject else { return false }
    if let site = subject.model.site(name) {
      show(site, subject)
      return true
    }
    if let parameter = subject.model.parameter(name) {
      show(parameter, subject)
      return true
    }
    let pattern = SitePattern(name)
    let sites = subject.model.sites.filter { pattern.matches($0) }
    guard !sites.isEmpty else { return false }
    session.emit(.heading(Heading(name, aside: "\(sites.count) sites of \(subject.name)")))
    let rows = sites.map { site -> (StyledText, StyledText) in (.code(site.name), StyledText(words(site))) }
    session.emit(.prose(Prose(beside(rows))))
    return true
  }

  private func words(_ site: Site) -> String {
    let kind = site.kind == .part ? "part of \(site.whole?.name ?? "a layer")" : site.kind.rawValue
    return "\(kind), \(site.width.in) → \(site.width.out)"
  }

  private func show(_ site: Site, _ subject: Subject) {
    session.emit(.heading(Heading(site.name, aside: "site of \(subject.name)")))
    var rows: [(StyledText, StyledText)] = [("kind", StyledText(words(site)))]
    if let foreign = site.foreignName { rows.append(("Hugging Face", .code(foreign))) }
    for parameter in [site.weight, site.bias].compactMap({ $0 }) {
      let part =
        site.kind == .part ? site.columns.map { ", rows \($0)" } ?? "" : ""
      rows.append(
        (
          StyledText(parameter.leaf),
          .code(parameter.name) + StyledText("  \(facts(parameter, subject))\(part)")
        ))
    }
    if !site.parts.isEmpty { rows.append(("parts", .code(site.parts.map(\.name).joined(separator: " ")))) }
    let here = subject.model.attachments.filter { $0.edits.contains { $0.site === site } }
    for attachment in here {
      let state = attachment.isFolded ? "  merged" : attachment.isOn ? "" : "  off"
      rows.append(("attached", .code(attachment.name) + StyledText(state)))
      for parameter in attachment.parameters
      where parameter.name.hasPrefix(site.name + "." + attachment.name + ".") {
        rows.append(
          (
            StyledText("  " + parameter.leaf),
            .code(parameter.name) + StyledText("  \(facts(parameter, subject))")
          ))
      }
    }
    if here.isEmpty { rows.append(("attached", "nothing")) }
    let hooks = subject.hooks.filter { $0.site === site }.map(\.text)
    if !hooks.isEmpty { rows.append(("hooks", StyledText(hooks.joined(separator: ", ")))) }
    session.emit(.prose(Prose(beside(rows))))
    session.say(.dim("act(\(site.name)) is what it gives on the batch at hand"))
  }

  private func facts(_ parameter: Parameter, _ subject: Subject) -> String {
    let shape = parameter.shape.map(String.init).joined(separator: "×")
    guard parameter.isTrainable else { return "\(shape), frozen" }
    guard let gradients = subject.trainer.half?.gradients else { return "\(shape), trained" }
    return "\(shape), trained, ‖grad‖ \(formatted(gradients[parameter.value]?.norm ?? 0))"
  }

  private func show(_ parameter: Parameter, _ subject: Subject) {
    session.emit(.heading(Heading(parameter.name, aside: "parameter of \(subject.name)")))
    let values = parameter.value
    let rows: [(StyledText, StyledText)] = [
      (
        "numbers",
        StyledText(
          "\(grouped(parameter.count)), shape " + parameter.shape.map(String.init).joined(separator: "×"))
      ),
      ("norm", StyledText(formatted(values.norm))),
      (
        "training",
        StyledText(
          facts(parameter, subject)
            + (parameter.pin == nil ? "" : parameter.pin == true ? ", thawed by hand" : ", frozen by hand"))
      ),
    ]
    session.emit(.prose(Prose(beside(rows))))
    session.say(.dim("\(parameter.name)[0,:] is a part of it; norm(\(parameter.name)) computes with it"))
  }
}
