import Data
import Engine
import Events
import Formats
import Networks
import Options

/// Small bases that the project trained itself and that travel with the program.
enum BundledBases {
  static let names = ["alphabet", "reviews"]

  static func sentence(_ name: String) -> String {
    switch name {
    case "alphabet": return "trained on four skills: +1 +2 +3 −1; no model can go below a loss of ln 4/15 = 0.0924 on them"
    default: return "trained on short texts people wrote: tweets, reviews, editorials"
    }
  }

  static func open(_ name: String, as bound: String, _ session: Session) throws -> Subject {
    throw Failure("the base “\(name)” is not here.", cure: "make models trains it")
  }
}
