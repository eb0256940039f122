import Events
import Methods
import Networks
import Options

// `?choose`: which method for my case, from the methods' cards and the present model.

extension Help {
  /// A table of the methods with what each would train here, then when to use each.
  func choose() {
    let methods = Methods.all
    let subject = session.currentSubject
    session.emit(
      .heading(Heading("which method", aside: subject.map { "for \($0.name): \($0.summary)" } ?? "")))
    let rows = methods.map { method -> [Datum] in
      let card = method.card
      let merges = card.folds == .exact ? "yes" : card.folds == .already ? "nothing to merge" : "no"
      return [.words(card.name)] + numbers(of: method) + [.words(merges), .words(card.startsAs.rawValue)]
    }
    session.emit(
      .table(
        Table(
          columns: [
            .init("method", priority: 0), .init("trains", .right, priority: 0),
            .init("of the base", .right, priority: 1),
            .init("merges", priority: 2), .init("output at first", priority: 3),
          ], rows: rows)))
    session.emit(.prose(Prose(beside(methods.map { (.code($0.card.name), StyledText($0.card.use)) }))))
    if subject == nil { session.say(.dim("with a model, this counts what each method would train on it")) }
    session.say(.dim("attach NAME attaches one; ?NAME tells about it; undo takes it back"))
  }

  private func numbers(of method: any TuningMethod.Type) -> [Datum] {
    guard let model = session.currentSubject?.model else { return ["", ""] }
    guard let count = try? Help.count(method, model) else { return ["not here", ""] }
    return [.count(count), .percent(Double(count) / Double(max(model.baseCount, 1)))]
  }

  /// What a method with default options would train on the present model, or why it cannot; nil without a
  /// model.
  func cost(of method: any TuningMethod.Type) -> String? {
    guard let model = session.currentSubject?.model else { return nil }
    do {
      let count = try Help.count(method, model)
      let share = percentage(Double(count) / Double(max(model.baseCount, 1)))
      return "\(grouped(count)) numbers would train, \(share) of the base"
    } catch { return (error as? Failure)?.what ?? "\(error)" }
  }

  /// Numbers that a method with default options would train; throws where the model cannot take it.
  static func count(_ method: any TuningMethod.Type, _ model: Model) throws -> Int {
    func count<M: TuningMethod>(_: M.Type) throws -> Int {
      var method = M()
      try method.supports(model)
      try method.prepare(model)
      let sites = try Attachment.sites(for: method, .init(), in: model)
      let whole = sites.filter { $0.kind != .part }, head = Set(model.taskHead.map(\.name))
      let own = model.directory.parameters.filter {
        method.trains($0, at: whole, isEverywhere: true) || head.contains($0.name)
      }.reduce(0) { $0 + $1.count }
      return own + method.count(at: sites)
    }
    return try count(method)
  }
}
