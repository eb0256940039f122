import Events
import Networks
import Options

/// The memory that training takes, told before anything is allocated.
enum StepMemory {
  /// Bytes of what a step remembers for the way back, roughly: eleven vectors a position and block beside the inside
  /// of the feed-forward layer, and as much again for the gradients at hand. With checkpoints all of it
  /// for one block, and a vector for each.
  static func activations(_ model: Model, rows: Int, columns: Int, isCheckpointing: Bool) -> Int {
    let sizes = model.architecture.sizes
    let width = model.size(sizes.width) ?? 1, layers = max(1, Set(model.sites.compactMap(\.block)).count)
    let inner =
      model.size("n_inner") ?? model.size("intermediate_size") ?? model.size("d_ff") ?? 4 * width
    let block = 11 * width + 2 * inner
    let blocks = isCheckpointing ? block + layers * width : layers * block
    return 4 * rows * columns * (blocks + 12 * width)
  }
}

extension Session {
  /// Throws, with the figures, when a step on so many rows and columns does not fit the machine.
  func checkStep(_ subject: Subject, rows: Int, columns: Int) throws {
    let isCheckpointing = subject.trainer.state.isCheckpointing
    let bytes = StepMemory.activations(
      subject.model, rows: rows, columns: columns, isCheckpointing: isCheckpointing)
    try surroundings.check(
      bytes: bytes, for: "a step on \(grouped(rows)) rows of \(grouped(columns)) tokens",
      cure: "Fewer rows (rows=4) or shorter ones (ctx=128, for data)"
        + (isCheckpointing ? "" : ", or keep less of a step: optimizer checkpointing=yes"))
  }

  /// A path as typed; `~/` stands for the home folder.
  func path(_ text: String) -> String {
    guard text.hasPrefix("~/"), let home = surroundings.home else { return text }
    return home + text.dropFirst()
  }
}
