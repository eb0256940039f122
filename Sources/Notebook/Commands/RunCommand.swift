import Options

/// `run`: the cells of a file.
public struct RunCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "run", "Runs the cells of a file as further cells, up to the first error.",
    use:
      "A .graft file has cells as they are typed, a Markdown file has them in fences marked graft. In files verbs are written in full.",
    examples: ["run warmup.graft", "run notes.md"],
    notes: ["Each cell is undone by itself.", "At a shell: graft run FILE, with --set and --json."])

  /// What was typed.
  public var call = Call()
  /// The file.
  public static var takes: Takes { Takes("FILE", 1...1, isPath: true) }

  /// No file yet.
  public init() {}

  /// Runs them.
  public func run(_ session: Session) throws -> Done {
    let file: BatchFile
    do {
      file = try BatchFile(path: call.text(0) ?? "", files: session.surroundings.files)
    } catch let failure as Failure { throw failure.at(call.places.first) }
    try session.run(file)
    return .unrecorded
  }
}
