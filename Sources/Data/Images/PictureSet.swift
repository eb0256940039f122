import FileSystem
import Options

/// Real pictures that `get` brings, 28×28 and grey, of ten kinds each.
public enum PictureSet: String, Sendable, CaseIterable {
  /// Clothes, shoes and bags: Xiao, Rasul & Vollgraf 2017, arXiv:1708.07747; 60,000 and 10,000 to measure on.
  case fashion
  /// 5,000 of MNIST's handwritten digits: LeCun, Bottou, Bengio & Haffner 1998.
  case digits

  /// The classes' words.
  public var labels: [String] {
    switch self {
    case .fashion:
      return ["top", "trousers", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "boot"]
    case .digits:
      return ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    }
  }

  /// The pictures by what they are for.
  public struct Parts: Sendable, Equatable {
    /// To learn from.
    public var train: LabelledPictures
    /// To make choices by.
    public var validation: LabelledPictures
    /// To measure the result by.
    public var heldOut: LabelledPictures

    /// Parts that were put apart.
    public init(train: LabelledPictures, validation: LabelledPictures, heldOut: LabelledPictures) {
      (self.train, self.validation, self.heldOut) = (train, validation, heldOut)
    }

    /// Puts pictures apart by a seeded split; where there is a set for measuring, all of that is held out.
    public init(_ all: LabelledPictures, heldOut: LabelledPictures? = nil, seed: Int) throws {
      let split = try Split(
        count: all.count, validation: 0.1, test: heldOut == nil ? 0.2 : 0, seed: seed)
      self.init(
        train: all.picked(split.train), validation: all.picked(split.validation),
        heldOut: heldOut ?? all.picked(split.test))
    }
  }

  /// Reads what `get` prepared, put apart; throws with `get …` as the cure where it is not there or was changed.
  public func read(_ places: Places, seed: Int = 0) throws -> Parts {
    let kept = kept(places), files = try kept.read()
    func pictures(_ part: String) throws -> LabelledPictures {
      func idx(_ what: String) throws -> IDX {
        let name = "\(part)-\(what)"
        return try IDX(kept.file(name, files), name: "\(kept.path)/\(name)")
      }
      return try LabelledPictures(images: idx("images"), labels: idx("labels"), words: labels, name: rawValue)
    }
    let isApart = files["test-images"] != nil
    return try Parts(pictures("train"), heldOut: isApart ? pictures("test") : nil, seed: seed)
  }

  /// Whether `get` has brought it.
  public func isThere(_ places: Places) -> Bool { kept(places).isThere }

  /// Its folder.
  func kept(_ places: Places) -> KeptFolder {
    KeptFolder(
      path: "\(places.data)/\(rawValue)", name: rawValue, subject: "pictures of \(rawValue)",
      heading: "# \(rawValue) 1")
  }
}
