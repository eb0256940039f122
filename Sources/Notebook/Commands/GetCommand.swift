import Data
import Engine
import Events
import Options

/// `get`: data that is fetched once and then there.
public struct GetCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "get", "Fetches data that does not come with the program; afterwards no network is needed.",
    use: "Alone it lists what there is and where it lies. This is the only command that uses the network.",
    examples: ["get", "get tweets", "data tweets"],
    notes: [
      "tweets come from the source package of vaderSentiment (MIT licence), fetched by pip, its checksum compared.",
      "pip runs in a Python environment of its own inside Graft's data folder; nothing of the system is changed.",
    ])

  /// What was typed.
  public var call = Call()
  /// What to fetch.
  public static var takes: Takes { Takes("[NAME]", 0...1) { _, _ in names } }
  private static let names = ["tweets"]

  /// Nothing named: the list.
  public init() {}

  /// Fetches it, or lists what there is.
  public func run(_ session: Session) throws -> Done {
    guard let name = call.text(0) else {
      list(session)
      return .unrecorded
    }
    guard Self.names.contains(name) else {
      throw unknown("data to fetch", name, among: Self.names).at(call.places.first)
    }
    try tweets(session)
    return .unrecorded
  }

  private func list(_ session: Session) {
    let places = session.surroundings.places
    let there = try? Tweets.read(places)
    let what =
      "\(there.map { grouped($0.train.count + $0.validation.count + $0.heldOut.count) } ?? "about 3,600") labelled tweets"
    let rows: [[Datum]] = [
      [.words("tweets"), .words(what), .words(there == nil ? "not here: get tweets" : "here")]
    ]
    session.emit(
      .table(Table(columns: ["name", "what", "state"].map { Table.Column($0, priority: 0) }, rows: rows)))
    session.say(.dim("data lies in \(places.data)"))
  }

  private func tweets(_ session: Session) throws {
    let places = session.surroundings.places
    let wasThere = (try? Tweets.read(places)) != nil
    let interrupt = session.interrupt
    let tweets: Tweets
    do {
      tweets = try TweetsFetch(places).fetch(
        say: { session.say(StyledText($0)) }, interrupted: { interrupt.isRaised })
    } catch let failure as Failure {
      if interrupt.isRaised {
        throw Failure("fetching was stopped; nothing half-done stays.", cure: "get tweets starts again")
      }
      throw failure
    }
    if wasThere { session.say("the tweets are here already") }
    session.emit(
      .facts(
        Facts(
          "tweets",
          [
            .init("to learn from", .count(tweets.train.count)),
            .init("validation", .count(tweets.validation.count)),
            .init("held out", .count(tweets.heldOut.count)),
          ])))
    session.say(.dim("in \(places.tweets), with ATTRIBUTION.txt; data tweets makes them the task"))
  }
}
