import Options

/// Pictures of one size as plain numbers, one after another.
public struct Pictures: Sendable, Equatable {
  /// How many there are.
  public let count: Int
  /// Colours: 1 for grey, 3 for red, green and blue.
  public let channels: Int
  /// Pixels from top to bottom.
  public let height: Int
  /// Pixels from left to right.
  public let width: Int
  /// The numbers, [count][channels][height][width].
  public let values: [Float]

  /// Pictures from their numbers; throws where those do not make whole pictures.
  public init(channels: Int = 1, height: Int, width: Int, _ values: [Float]) throws {
    guard channels > 0, height > 0, width > 0, channels <= 1 << 10, height <= 1 << 16, width <= 1 << 16,
      values.count % (channels * height * width) == 0
    else {
      throw Failure(
        "\(values.count) numbers do not make pictures of \(channels)×\(height)×\(width).")
    }
    (self.channels, self.height, self.width, self.values) = (channels, height, width, values)
    count = values.count / (channels * height * width)
  }

  private init(like other: Pictures, count: Int, _ values: [Float]) {
    (channels, height, width) = (other.channels, other.height, other.width)
    (self.count, self.values) = (count, values)
  }

  /// Numbers a picture.
  public var length: Int { channels * height * width }

  /// The pictures at some places, in that order; places that there are not are left out.
  public func picked(_ places: [Int]) -> Pictures {
    let there = places.filter { (0..<count).contains($0) }
    var chosen: [Float] = []
    chosen.reserveCapacity(there.count * length)
    for place in there { chosen += values[place * length..<(place + 1) * length] }
    return Pictures(like: self, count: there.count, chosen)
  }

  /// One picture's numbers, [channels][height][width].
  public subscript(place: Int) -> ArraySlice<Float> { values[place * length..<(place + 1) * length] }
}
