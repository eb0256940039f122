import Options

/// Toy pictures of 2×2 pixels that say which skill of the alphabet a row follows: one pixel is bright, the others dark.
///
/// Each pixel is an image token, as a frozen random projection gives it: its brightness along one direction, and a
/// direction of its own for its place.
///
///     token i = p_i·u + e_i        p: 0…0.2 dark, 0.8…1 bright; u, e_i drawn once, never trained
public struct SkillPictures: Sendable, Equatable {
  /// Numbers of an image token.
  public static let width = 64
  /// Pixels of a picture, and so its image tokens.
  public static let pixels = 4
  /// The seed of the noise.
  public let seed: Int

  /// LabelledPictures for so many skills; throws where they have no pixel each.
  public init(skills: Int, seed: Int) throws {
    guard skills <= Self.pixels else {
      throw Failure(
        "pictures of 2×2 tell at most 4 skills apart, and these are \(skills).", cure: "Name at most four.")
    }
    self.seed = seed
  }

  /// A row's picture, from 0 (black) to 1; `row` keys the noise.
  public func picture(of skill: Int, row: Int) -> [Float] {
    (0..<Self.pixels).map { pixel in
      let noise = Float(CountedChance.number(below: 1000, seed ^ 0x21C7, row, pixel)) / 5000
      return pixel == skill ? 1 - noise : noise
    }
  }

  /// The image tokens of pictures.
  public func features(_ pictures: [[Float]]) -> Features {
    func direction(_ number: Int) -> [Float] {
      // Even in ±√3, so that the variance is 1.
      (0..<Self.width).map {
        (Float(CountedChance.number(below: 2001, 77, number, $0)) / 1000 - 1) * Float(3).squareRoot()
      }
    }
    let bright = direction(0), places = (1...Self.pixels).map(direction)
    let values = pictures.flatMap { picture in
      zip(picture, places).flatMap { p, place in zip(bright, place).map { p * $0 + $1 } }
    }
    return Features(tokens: Self.pixels, width: Self.width, values: values)
  }
}
