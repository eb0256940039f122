import Events
import FileSystem

/// Pictures of measurements: JSON lines come in, one SVG goes out.
enum Pictures {
  /// A curve of a field over another for each size and config, or, without `x`, a bar a line by its label.
  static func draw(_ lines: [String], to path: String, x: String?, y: String) throws {
    let rows = try lines.filter { $0.hasPrefix("{") }.map { try JSON.parse($0, name: "line") }
    let event: Event
    if let x {
      var curves: [Curve.Series] = []
      for row in rows {
        guard let across = row[x]?.asNumber, let up = row[y]?.asNumber else { continue }
        let name = [row["size"], row["config"]].compactMap { $0?.asString }.joined(separator: " ") + ", \(y)"
        if curves.last?.name != name { curves.append(.init(name, x: [], y: [])) }
        curves[curves.count - 1].x.append(across)
        curves[curves.count - 1].y.append(up)
      }
      event = .curve(Curve(curves, axis: x))
    } else {
      event = .bars(
        Bars("", rows.map { .init($0["label"]?.asString ?? "", $0[y]?.asNumber ?? .nan) }))
    }
    try DiskFiles().write(path, text: SVG().document([event]))
  }
}
