import Data
import Engine
import Events
import Formats
import Options

/// `get`: data that is fetched once and then there.
public struct GetCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "get", "Fetches data and models that do not come with the program; afterwards no network is needed.",
    use: "Alone it lists what there is and where it lies. This is the only command that uses the network.",
    examples: ["get", "get tweets", "get fashion", "data tweets", "get smollm2", "open smollm2", "get vit"],
    notes: Downloads.all.map { "\($0.name): \($0.what); from \($0.source)." } + [
      "Checksums are compared. pip runs in a Python environment of its own, and packages are unpacked, inside",
      "Graft's data folder; nothing of the system is changed.",
    ])

  /// What was typed.
  public var call = Call()
  /// What to fetch.
  public static var takes: Takes { Takes("[NAME]", 0...1) { _, _ in names } }
  private static var names: [String] { Downloads.all.map(\.name) }

  /// Nothing named: the list.
  public init() {}

  /// Fetches it, or lists what there is.
  public func run(_ session: Session) throws -> Done {
    guard let name = call.text(0) else {
      list(session)
      return .unrecorded
    }
    guard let download = Downloads.all.first(where: { $0.name == name }) else {
      throw unknown("data to fetch", name, among: Self.names).at(call.places.first)
    }
    try fetch(download, session)
    return .unrecorded
  }

  private func list(_ session: Session) {
    let places = session.surroundings.places
    let rows = Downloads.all.map { one -> [Datum] in
      [
        .words(one.name), .words(one.what),
        .words(one.isThere(places) ? "here" : "not here: get \(one.name)"),
      ]
    }
    session.emit(
      .table(Table(columns: ["name", "what", "state"].map { Table.Column($0, priority: 0) }, rows: rows)))
    session.say(.dim("data lies in \(places.data)"))
  }

  private func fetch(_ download: Download, _ session: Session) throws {
    let places = session.surroundings.places, name = download.name
    let wasThere = download.isThere(places), interrupt = session.interrupt
    var hasFetched = false
    let counts: [(part: String, count: Int)]
    do {
      counts = try download.fetch(
        places, { try DINOv2ONNX.convert($0, to: $1) },
        {
          hasFetched = true
          session.say(StyledText($0))
        }, { interrupt.isRaised })
    } catch let failure as Failure {
      if interrupt.isRaised {
        throw Failure("fetching was stopped; nothing half-done stays.", cure: "get \(name) starts again")
      }
      throw failure
    }
    if wasThere && !hasFetched { session.say("\(name): here already") }
    session.emit(.facts(Facts(StyledText(name), counts.map { .init($0.part, .count($0.count)) })))
    session.say(
      .dim("in \(download.folder(places)), with ATTRIBUTION.txt; \(download.use)"))
  }
}
