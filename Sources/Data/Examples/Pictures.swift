import Options

/// Pictures of one size as plain numbers, one after another.
///
/// With a fit they have the sizes that it makes, and it is computed whenever they are read: what is kept stays small.
public struct Pictures: Sendable, Equatable {
  /// How many there are.
  public let count: Int
  /// Colours: 1 for grey, 3 for red, green and blue.
  public let channels: Int
  /// Pixels from top to bottom.
  public let height: Int
  /// Pixels from left to right.
  public let width: Int
  /// What is made of them when they are read; nil: nothing.
  public let fit: PictureFit?
  /// The numbers that are kept, and their sizes.
  private let kept: [Float], keptHeight: Int, keptWidth: Int

  /// Pictures from their numbers; throws where those do not make whole pictures.
  public init(channels: Int = 1, height: Int, width: Int, _ values: [Float]) throws {
    guard channels > 0, height > 0, width > 0, channels <= 1 << 10, height <= 1 << 16, width <= 1 << 16,
      values.count % (channels * height * width) == 0
    else {
      throw Failure(
        "\(values.count) numbers do not make pictures of \(channels)×\(height)×\(width).")
    }
    (self.channels, self.height, self.width) = (channels, height, width)
    (fit, kept, keptHeight, keptWidth) = (nil, values, height, width)
    count = values.count / (channels * height * width)
  }

  /// The same pictures, grey ones of −1 to 1, made to fit whenever they are read; throws for those of colours.
  public func fitted(_ fit: PictureFit) throws -> Pictures {
    guard keptHeight * keptWidth * count == kept.count else {
      throw Failure("pictures of \(channels) colours cannot be made to fit.", cure: "Grey ones can.")
    }
    return Pictures(like: self, fit: fit, kept)
  }

  /// The same pictures as they are kept.
  public var plain: Pictures { Pictures(like: self, fit: nil, kept) }

  private init(like other: Pictures, fit: PictureFit?, _ kept: [Float]) {
    (keptHeight, keptWidth, self.kept, self.fit) = (other.keptHeight, other.keptWidth, kept, fit)
    // Without a fit, and with none before, the colours are what they were; only grey pictures are ever fitted.
    channels = fit?.channels ?? (other.fit == nil ? other.channels : 1)
    (height, width) = (fit?.height ?? keptHeight, fit?.width ?? keptWidth)
    let each = (fit == nil ? channels : 1) * keptHeight * keptWidth
    count = kept.count / each
  }

  /// The numbers, [count][channels][height][width].
  public var values: [Float] {
    fit?.values(of: kept[...], height: keptHeight, width: keptWidth) ?? kept
  }

  /// Numbers that are kept of a picture.
  private var length: Int { count == 0 ? 0 : kept.count / count }

  /// The pictures at some places, in that order; places that there are not are left out.
  public func picked(_ places: [Int]) -> Pictures {
    let there = places.filter { (0..<count).contains($0) }
    var chosen: [Float] = []
    chosen.reserveCapacity(there.count * length)
    for place in there { chosen += kept[place * length..<(place + 1) * length] }
    return Pictures(like: self, fit: fit, chosen)
  }

  /// One picture's numbers, [channels][height][width].
  public subscript(place: Int) -> ArraySlice<Float> {
    let one = kept[place * length..<(place + 1) * length]
    return fit.map { $0.values(of: one, height: keptHeight, width: keptWidth)[...] } ?? one
  }
}
