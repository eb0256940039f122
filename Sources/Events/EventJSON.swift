import FileSystem

extension JSON {
  /// A number as events show it: whole ones without a fraction.
  init(_ x: Double) {
    if let whole = Int(exactly: x), whole.magnitude < 1 << 53 {
      self = .integer(whole)
    } else {
      self = .number(x)
    }
  }

  /// An object from its members in their order; of a name that comes twice the last value counts.
  static func object(_ members: [(String, JSON)]) -> JSON { .object(Object(members)) }
}
