import Events
import Networks
import Options

/// The memory that training takes, told before anything is allocated.
enum StepMemory {
  /// Bytes of what a step remembers for the way back, roughly: eleven vectors a position and block beside the inside
  /// of the feed-forward layer, and as much again for the gradients at hand.
  static func activations(_ model: Model, rows: Int, columns: Int) -> Int {
    let sizes = model.architecture.sizes
    let width = model.size(sizes.width) ?? 1, layers = max(1, Set(model.sites.compactMap(\.block)).count)
    let inner =
      model.size("n_inner") ?? model.size("intermediate_size") ?? model.size("d_ff") ?? 4 * width
    return 4 * rows * columns * (layers * (11 * width + 2 * inner) + 12 * width)
  }
}

extension Session {
  /// Throws, with the figures, when a step on so many rows and columns does not fit the machine.
  func checkStep(_ subject: Subject, rows: Int, columns: Int) throws {
    let bytes = StepMemory.activations(subject.model, rows: rows, columns: columns)
    try surroundings.check(bytes: bytes, for: "a step on \(grouped(rows)) rows of \(grouped(columns)) tokens")
  }

  /// A path as typed; `~/` stands for the home folder.
  func path(_ text: String) -> String {
    guard text.hasPrefix("~/"), let home = surroundings.home else { return text }
    return home + text.dropFirst()
  }
}
