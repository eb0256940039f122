import Options

/// The distinct labels of a task in the order of their classes.
public struct LabelSet: Sendable, Equatable {
  /// The labels' words; the class is the place.
  public let words: [String]
  private let places: [String: Int]

  /// The labels in the order of their first appearance; throws unless there are from 2 to 1000.
  public init(_ labels: [String]) throws {
    var places: [String: Int] = [:]
    var words: [String] = []
    for label in labels where places[label] == nil {
      places[label] = words.count
      words.append(label)
    }
    guard (2...1000).contains(words.count) else {
      throw Failure(
        "there \(words.count == 1 ? "is 1 distinct label" : "are \(words.count) distinct labels"); "
          + "a classifier needs from 2 to 1000.",
        cure: "Is label= the right column?", details: words.count == 1 ? ["the label: \(words[0])"] : [])
    }
    self.words = words
    self.places = places
  }

  /// How many classes there are.
  public var count: Int { words.count }

  /// The class of a label; throws with the nearest where there is none.
  public func choice(of label: String) throws -> Int {
    guard let place = places[label] else { throw unknown("label", label, among: words) }
    return place
  }
}
