/// What a vision model gives for pictures: a few image tokens each, [pictures, tokens, width].
public struct Features: Sendable, Equatable {
  /// Tokens of a picture.
  public let tokens: Int
  /// Numbers of a token.
  public let width: Int
  /// All numbers, picture after picture.
  public let values: [Float]

  /// Image tokens from their numbers, which must fit.
  public init(tokens: Int, width: Int, values: [Float]) {
    (self.tokens, self.width, self.values) = (tokens, width, values)
  }

  /// How many pictures there are.
  public var count: Int { tokens * width == 0 ? 0 : values.count / (tokens * width) }

  /// Those of the pictures at some places, in the order of the places.
  public func picked(_ places: [Int]) -> Features {
    let size = tokens * width
    return Features(
      tokens: tokens, width: width, values: places.flatMap { values[$0 * size..<($0 + 1) * size] })
  }
}
