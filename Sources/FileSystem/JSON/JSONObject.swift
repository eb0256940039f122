extension JSON {
  /// Keys and values in their order; keys are told apart by their bytes (`ExactText`).
  public struct Object: Sendable, ExpressibleByDictionaryLiteral {
    /// One key and its value.
    public struct Member: Sendable, Equatable {
      /// The key.
      public let key: String
      /// Its value.
      public var value: JSON
    }

    /// The members in their order.
    public private(set) var members: [Member] = []
    // Where each key stands; empty while there are so few members that looking at each is faster.
    private var places: [ExactText: Int] = [:]
    private static let few = 12

    /// An empty object.
    public init() {}

    /// An object of these members; of a key that stands twice the last value counts.
    public init(_ members: [(String, JSON)]) {
      for (key, value) in members { self[key] = value }
    }

    /// An object as one writes it.
    public init(dictionaryLiteral members: (String, JSON)...) { self.init(members) }

    /// The keys in their order.
    public var keys: [String] { members.map(\.key) }

    /// How many members there are.
    public var count: Int { members.count }

    /// The value of a key; setting nil removes the key, a new key goes to the end.
    public subscript(_ key: String) -> JSON? {
      get { place(of: key).map { members[$0].value } }
      set {
        guard let value = newValue else { return remove(key) }
        if let place = place(of: key) { members[place].value = value } else { append(key, value) }
      }
    }

    /// Adds a member; false, and nothing is added, where the key is there.
    public mutating func add(_ key: String, _ value: JSON) -> Bool {
      if place(of: key) != nil { return false }
      append(key, value)
      return true
    }

    private func place(of key: String) -> Int? {
      if members.count > Object.few { return places[ExactText(key)] }
      return members.firstIndex { ExactText.same($0.key, key) }
    }

    private mutating func append(_ key: String, _ value: JSON) {
      members.append(Member(key: key, value: value))
      if members.count > Object.few + 1 {
        places[ExactText(key)] = members.count - 1
      } else if members.count == Object.few + 1 {
        rebuild()
      }
    }

    private mutating func remove(_ key: String) {
      guard let place = place(of: key) else { return }
      members.remove(at: place)
      rebuild()
    }

    private mutating func rebuild() {
      places = [:]
      guard members.count > Object.few else { return }
      for (i, member) in members.enumerated() { places[ExactText(member.key)] = i }
    }
  }
}

extension JSON.Object: Equatable {
  /// Whether the same keys stand in the same order with the same values.
  public static func == (a: JSON.Object, b: JSON.Object) -> Bool { a.members == b.members }
}
