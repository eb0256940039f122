import Options
import Testing

@testable import Data

/// Pictures made to fit a network: sizes against Pillow 13's bicubic on floats, then colours and norms.
@Suite struct PictureFitTests {
  private static let picture: [Float] = [
    0.1, 0.9, 0.3, 0.5, 0.2, 0.8, 0.7, 0.4, 0.6, 0.0, 1.0, 0.35, 0.05, 0.65, 0.15, 0.95,
  ]
  private static let larger: [Float] = [
    0.028916, 0.363203, 0.889215, 0.626398, 0.264783, 0.412068, 0.525054, 0.061934, 0.37446, 0.878046,
    0.734743, 0.45673, 0.443929, 0.454716, 0.226183, 0.387207, 0.668508, 0.780867, 0.753959, 0.501405,
    0.350483, 0.626668, 0.3889, 0.051893, 0.548257, 1.015632, 0.567503, 0.264803, 0.335153, 0.311361,
    0.290343, 0.424081, 0.580353, 0.64572, 0.672405, -0.040043, 0.241752, 0.680424, 0.379893, 0.116216,
    0.696158, 1.060502,
  ]
  private static let smaller: [Float] = [0.35351, 0.688948, 0.446912, 0.315094, 0.480961, 0.63305]

  private func grey(_ count: Int = 1) throws -> Pictures {
    let values = Self.picture.map { 2 * $0 - 1 }
    return try Pictures(
      height: 4, width: 4, (0..<count).flatMap { i in i == 0 ? values : values.map { -$0 } })
  }

  @Test(arguments: [(6, 7, larger), (2, 3, smaller)]) func sizesChangeAsPillowDoes(
    height: Int, width: Int, wanted: [Float]
  ) throws {
    let fit = PictureFit(channels: 1, height: height, width: width, norms: .half)
    let found = try grey().fitted(fit).values
    #expect(found.count == wanted.count)
    for (x, p) in zip(found, wanted) { #expect(abs((x + 1) / 2 - min(1, max(0, p))) < 2e-6) }
  }

  @Test func greyIsTheSameInEveryColourLessItsMean() throws {
    let fit = PictureFit(channels: 3, height: 4, width: 4, norms: .imageNet)
    let pictures = try grey(2).fitted(fit)
    #expect((pictures.count, pictures.channels, pictures.height) == (2, 3, 4))
    let values = pictures.values
    #expect(values.count == 2 * 3 * 16)
    let (means, deviations): ([Float], [Float]) = ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225])
    for channel in 0..<3 {
      for (i, p) in Self.picture.enumerated() {
        #expect(abs(values[channel * 16 + i] - (p - means[channel]) / deviations[channel]) < 1e-5)
      }
    }
    #expect(Array(pictures[1]) == Array(values[48...]))
  }

  @Test func whatIsKeptStaysAsItWas() throws {
    let plain = try grey(3), fit = PictureFit(channels: 3, height: 8, width: 8, norms: .imageNet)
    let fitted = try plain.fitted(fit)
    #expect(fitted.plain == plain && plain.plain == plain && fitted != plain)
    #expect(fitted.picked([2, 0]).plain == plain.picked([2, 0]))
    #expect(fitted.picked([2, 0]).values == Array(fitted[2]) + Array(fitted[0]))
    #expect(fitted.picked([]).count == 0 && fitted.picked([]).values.isEmpty)
    let coloured = try Pictures(channels: 3, height: 2, width: 2, [Float](repeating: 0, count: 24))
    #expect(coloured.plain == coloured)
    #expect(throws: Failure.self) { try coloured.fitted(fit) }
  }
}
