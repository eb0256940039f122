import Events
import Methods
import Networks
import Options

/// Where methods go by themselves in the present model: the live part of `?targets`.
struct HelpTargets {
  let subject: Subject

  /// A line for each sort of layer with Hugging Face's name of it, and one for each method that has places of its own.
  var events: [Event] {
    let model = subject.model
    var sorts: [(own: String, foreign: String, count: Int)] = []
    for site in model.sites where site.kind == .linear || site.kind == .part {
      if let place = sorts.firstIndex(where: { $0.own == site.localName }) {
        sorts[place].count += 1
      } else {
        sorts.append((site.localName, site.foreignName.map(HelpTargets.ending) ?? "", 1))
      }
    }
    let places = Table(
      "layers of \(subject.name)",
      columns: [
        .init("on=", priority: 0), .init("Hugging Face", priority: 1), .init("places", .right, priority: 2),
      ], rows: sorts.map { [.words($0.own), .words($0.foreign), .count($0.count)] })
    let methods = Methods.all.compactMap { method in self.row(method) }
    let goes = Table(
      "without on=",
      columns: [
        .init("method", priority: 0), .init("goes to", priority: 0), .init("like=peft", priority: 1),
      ], rows: methods)
    return [.table(places), .table(goes)]
  }

  private func row<M: TuningMethod>(_: M.Type) -> [Datum]? {
    let sites = subject.model.sites.map(\.localName), name = M.card.name
    let own = M().places(in: subject.model).sorted {
      (sites.firstIndex(of: $0) ?? 0, $0) < (sites.firstIndex(of: $1) ?? 0, $1)
    }
    let known = subject.model.architecture.targets[name] ?? []
    guard !own.isEmpty, own.count < 8 else { return nil }
    return [.words(name), .words(own.joined(separator: " ")), .words(known.joined(separator: " "))]
  }

  /// The end of a module's name that tells it from others: `q_proj`, `mlp.c_proj`.
  private static func ending(_ name: String) -> String {
    name.split(separator: ".").suffix(2).filter { Int($0) == nil }.joined(separator: ".")
  }
}
