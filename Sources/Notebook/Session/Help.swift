import Events
import Methods
import Networks
import Options

/// `?topic`, `??topic`, `?choose`: help, all of it made from cards.
struct Help {
  let session: Session

  init(_ session: Session) { self.session = session }

  func show(_ topic: String, isDeep: Bool) throws {
    session.say(StyledText("help on \(topic)"))
  }
}
