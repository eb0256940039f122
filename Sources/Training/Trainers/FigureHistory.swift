/// The numbers that steps were watched by, under their names, cheap to keep at every step.
public struct FigureHistory: Sendable, Equatable {
  private var series: [String: LossHistory] = [:]
  /// How many steps were counted.
  public private(set) var count = 0

  /// Before the first step.
  public init() {}

  /// Adds the numbers of a step; a name that is missing has none for it.
  public mutating func append(_ figures: [Figure]) {
    for figure in figures {
      var values = series[figure.name] ?? LossHistory()
      while values.count < count { values.append(.nan) }
      if values.count == count { values.append(Float(figure.value)) }
      series[figure.name] = values
    }
    count += 1
  }

  /// All names, sorted.
  public var names: [String] { series.keys.sorted() }

  /// The numbers of a name by step, oldest first; NaN where a step had none.
  public func values(of name: String) -> [Float] {
    guard let found = series[name] else { return [] }
    return found.values + [Float](repeating: .nan, count: count - found.count)
  }

  /// The last number of a name.
  public func last(_ name: String) -> Float? { series[name]?.last }

  /// The same numbers under the names of a file.
  public init(count: Int, _ values: [String: [Float]]) {
    self.count = count
    for (name, numbers) in values {
      var history = LossHistory()
      for number in numbers.prefix(count) { history.append(number) }
      series[name] = history
    }
  }
}
