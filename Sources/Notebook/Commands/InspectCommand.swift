import Events
import FileSystem
import Formats
import Options

/// `inspect`: an adapter's folder, without its base.
public struct InspectCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "inspect", "Looks into an adapter's folder, or compares two, without any base model.",
    use:
      "Method, targets, the scale really used, how large each change is, and what would fail to load.",
    examples: ["inspect adapters/tweets", "inspect adapters/tweets all", "inspect adapters/a adapters/b"],
    notes: [
      "It reads what any version of peft wrote, and folders of the adapters library. Pickles are never read.",
      "Singular values of s·B·A come from QR decompositions of B and Aᵀ; the product is never formed.",
    ])

  /// Whether every module has its line.
  public var all = false
  /// What was typed.
  public var call = Call()

  /// Its options.
  public static var options: [Option<InspectCommand>] {
    [Option("all", \.all, "a line for every module, where there are many")]
  }
  /// One folder or two.
  public static var takes: Takes { Takes("FOLDER [FOLDER]", 1...2, isPath: true) }

  /// Nothing named yet.
  public init() {}

  /// Reads the folders and shows them.
  public func run(_ session: Session) throws -> Done {
    let paths = (0..<call.words.count).compactMap { call.text($0) }.map { session.path($0) }
    do { try Self.show(paths, all: all, session) } catch let failure as Failure {
      throw failure.at(call.places.first)
    }
    return .unrecorded
  }

  /// Shows one folder, or two side by side.
  public static func show(_ paths: [String], all: Bool, _ session: Session) throws {
    let read = try paths.map {
      try AdapterInspection($0, files: session.surroundings.files, interrupt: session.interrupt)
    }
    if read.count == 1 { InspectionText(read[0], isLong: all).show(session) }
    guard read.count == 2 else { return }
    let difference = try AdapterDifference(read[0], read[1], interrupt: session.interrupt)
    InspectionText.show(difference, of: read, isLong: all, session)
  }

  /// The same as one JSON document.
  public static func json(_ paths: [String], _ session: Session) throws -> String {
    let read = try paths.map { try AdapterInspection($0, files: session.surroundings.files) }
    guard read.count == 2 else { return try read.first?.json.text(.pretty) ?? "" }
    let both: JSON.Object = [
      "adapters": .array(read.map(\.json)), "difference": try AdapterDifference(read[0], read[1]).json,
    ]
    return try JSON.object(both).text(.pretty)
  }
}
