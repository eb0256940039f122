/// One measurement of a method, and one of full tuning right after it, on the same machine in the same moment.
struct MethodRun {
  let own: [String: Double]
  let full: [String: Double]

  /// A table: medians of the runs, ratios paired within a run.
  static func show(_ rows: [(line: String, runs: [MethodRun])], _ size: Size) {
    print(
      "\n| \(size.name) | step, ms | / full tuning | trained | optimiser, KB | memory, MB | / full tuning |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for (line, runs) in rows {
      func middle(_ value: (MethodRun) -> Double?) -> String {
        let values = runs.compactMap(value).sorted()
        return values.isEmpty ? "" : "\((values[values.count / 2] * 100).rounded() / 100)"
      }
      func ratio(_ name: String) -> (MethodRun) -> Double? {
        { run in run.own[name].flatMap { own in run.full[name].map { own / $0 } } }
      }
      let cells = [
        line, middle { $0.own["ms_med"] }, middle(ratio("ms_med")), "\(Int(runs[0].own["trainable"] ?? 0))",
        middle { $0.own["optimiser_bytes"].map { $0 / 1024 } }, middle { $0.own["rss_mb"] },
        middle(ratio("rss_mb")),
      ]
      print("| " + cells.joined(separator: " | ") + " |")
    }
  }
}
