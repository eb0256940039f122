/// How pictures become what a network reads: of another size, of more colours, and with numbers as those that it was
/// trained on.
///
///     p ← bicubic of p, 0…1        x[colour] = (p − mean[colour]) / deviation[colour]
///
/// The size is changed as Pillow's bicubic does it, which Hugging Face's preprocessors ask: each new pixel is a weighted
/// mean of old ones, of 4×4 where pictures grow and of as many more as they shrink, so that nothing is skipped. A grey
/// picture is the same in every colour.
public struct PictureFit: Sendable, Equatable {
  /// Mean and deviation of each colour, of the pictures that a network was trained on.
  public struct Norms: Sendable, Equatable {
    /// A word for them.
    public let name: String
    /// Of each colour; the last one also for those that follow.
    public let means: [Float], deviations: [Float]

    /// −1 for black to 1 for white.
    public static let half = Norms(name: "−1 to 1", means: [0.5], deviations: [0.5])
    /// Of ImageNet's photographs, by which DINOv2 was trained.
    public static let imageNet = Norms(
      name: "ImageNet's mean and deviation", means: [0.485, 0.456, 0.406], deviations: [0.229, 0.224, 0.225])
  }

  /// Colours, and pixels from top to bottom and from left to right.
  public let channels: Int, height: Int, width: Int
  /// What is taken off and divided by.
  public let norms: Norms

  /// A fit to the sizes that a network reads.
  public init(channels: Int, height: Int, width: Int, norms: Norms) {
    (self.channels, self.height, self.width, self.norms) = (channels, height, width, norms)
  }

  /// What it does, for the person: `28×28, grey → 3×56×56, bicubic; ImageNet's mean and deviation`.
  public func told(of pictures: LabelledPictures) -> String {
    let isSame = (pictures.height, pictures.width) == (height, width)
    let sizes = "\(pictures.height)×\(pictures.width), grey → \(channels)×\(height)×\(width)"
    return "\(sizes)\(isSame ? "" : ", bicubic"); \(norms.name)"
  }

  /// Grey pictures of −1 to 1, [pictures][height][width], as the network reads them.
  func values(of pictures: ArraySlice<Float>, height oldHeight: Int, width oldWidth: Int) -> [Float] {
    let down = Self.taps(from: oldHeight, to: height), along = Self.taps(from: oldWidth, to: width)
    let size = oldHeight * oldWidth, count = size == 0 ? 0 : pictures.count / size
    var out: [Float] = []
    out.reserveCapacity(count * channels * height * width)
    for picture in 0..<count {
      let start = pictures.startIndex + picture * size
      // Along the rows first, then down the columns.
      var rows = [Float](repeating: 0, count: oldHeight * width),
        grey = [Float](repeating: 0, count: height * width)
      for y in 0..<oldHeight {
        for (x, tap) in along.enumerated() {
          var sum: Float = 0
          for (i, w) in tap.weights.enumerated() {
            sum += w * (pictures[start + y * oldWidth + tap.first + i] + 1) / 2
          }
          rows[y * width + x] = sum
        }
      }
      for (y, tap) in down.enumerated() {
        for x in 0..<width {
          var sum: Float = 0
          for (i, w) in tap.weights.enumerated() { sum += w * rows[(tap.first + i) * width + x] }
          // Bicubic overshoots at edges; brightness has none beyond black and white.
          grey[y * width + x] = min(1, max(0, sum))
        }
      }
      for channel in 0..<channels {
        let mean = norms.means[min(channel, norms.means.count - 1)]
        let deviation = norms.deviations[min(channel, norms.deviations.count - 1)]
        for p in grey { out.append((p - mean) / deviation) }
      }
    }
    return out
  }

  /// The old places that each new one is made of, from the first on, and their weights, which make 1.
  static func taps(from old: Int, to new: Int) -> [(first: Int, weights: [Float])] {
    guard old != new else { return (0..<new).map { ($0, [1]) } }
    let scale = Double(old) / Double(new), stretch = max(1, scale), reach = 2 * stretch
    return (0..<new).map { index in
      let centre = (Double(index) + 0.5) * scale
      let first = max(0, Int((centre - reach + 0.5).rounded(.down)))
      let end = min(old, Int((centre + reach + 0.5).rounded(.down)))
      let weights = (first..<end).map { weight((Double($0) + 0.5 - centre) / stretch) }
      let sum = weights.reduce(0, +)
      return (first, weights.map { Float($0 / sum) })
    }
  }

  /// Keys' cubic with a = −½.
  private static func weight(_ distance: Double) -> Double {
    let d = abs(distance), a = -0.5
    return d < 1 ? ((a + 2) * d - (a + 3)) * d * d + 1 : d < 2 ? (((d - 5) * d + 8) * d - 4) * a : 0
  }
}
