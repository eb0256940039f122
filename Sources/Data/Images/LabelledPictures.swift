import Options

/// Grey pictures of one size, each with its class.
public struct LabelledPictures: Sendable, Equatable {
  /// Rows of a picture.
  public let height: Int
  /// Columns of a picture.
  public let width: Int
  /// The classes' words.
  public let labels: [String]
  /// The class of each picture.
  public let choices: [Int]
  /// Brightness from 0 (black) to 255, [pictures][rows][columns] one after another.
  public let pixels: [UInt8]

  /// LabelledPictures from their parts; throws where sizes or classes do not fit.
  public init(height: Int, width: Int, labels: [String], choices: [Int], pixels: [UInt8], name: String) throws
  {
    guard (1...1024).contains(height), (1...1024).contains(width) else {
      throw Failure("\(name): pictures of \(height)×\(width) cannot be.", cure: "At most 1024×1024 are read.")
    }
    guard pixels.count == choices.count * height * width else {
      throw Failure(
        "\(name): \(choices.count) labels for \(pixels.count / (height * width)) pictures.",
        cure: "Images and labels must be of the same set.")
    }
    if let wrong = choices.first(where: { !labels.indices.contains($0) }) {
      throw Failure("\(name): class \(wrong) is none of the \(labels.count) classes.")
    }
    (self.height, self.width, self.labels) = (height, width, labels)
    (self.choices, self.pixels) = (choices, pixels)
  }

  private init(_ other: LabelledPictures, choices: [Int], pixels: [UInt8]) {
    (height, width, labels) = (other.height, other.width, other.labels)
    (self.choices, self.pixels) = (choices, pixels)
  }

  /// How many there are.
  public var count: Int { choices.count }

  /// One picture, row by row.
  public subscript(_ index: Int) -> ArraySlice<UInt8> {
    let size = height * width
    return pixels[index * size..<(index + 1) * size]
  }

  /// The pictures at some places, in the order of the places.
  public func picked(_ places: [Int]) -> LabelledPictures {
    var chosen: [UInt8] = []
    chosen.reserveCapacity(places.count * height * width)
    for place in places { chosen += self[place] }
    return LabelledPictures(self, choices: choices.picked(places), pixels: chosen)
  }

  /// The first so many.
  public func prefix(_ most: Int) -> LabelledPictures {
    let kept = min(max(0, most), count)
    return LabelledPictures(
      self, choices: Array(choices[..<kept]), pixels: Array(pixels[..<(kept * height * width)]))
  }

  /// What a network reads: −1 for black to 1 for white, as Hugging Face's ViT has it (mean ½, deviation ½).
  public func values(_ places: [Int]) -> [Float] {
    var out: [Float] = []
    out.reserveCapacity(places.count * height * width)
    for place in places { for pixel in self[place] { out.append(Float(pixel) / 127.5 - 1) } }
    return out
  }
}
