import FileSystem
import Options

/// A safetensors file: a JSON header that names tensors, then their bytes. Nothing in it is trusted.
///
///     8 bytes   length n of the header, little-endian
///     n bytes   {"__metadata__": {…}, "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, …}
///     the rest  the tensors, one after another, without holes
public struct Safetensors: Sendable {
  /// The longest header that is read, in bytes: the limit of the reference library.
  public static let headerLimit = 100_000_000

  /// One tensor of the file.
  public struct Entry: Sendable, Equatable {
    /// Its name.
    public let name: String
    /// Its number format.
    public let dtype: DType
    /// Its shape; empty for a single number.
    public let shape: [Int]
    /// Where its bytes lie, counted from the beginning of the file; checked to be inside and to fit the
    /// shape.
    public let range: Range<Int>

    /// How many elements it has.
    public var count: Int { range.count / dtype.size }
    /// Whether its bytes begin at a multiple of its element's size, so that they can be used in place.
    public var isAligned: Bool { range.lowerBound % dtype.size == 0 }
  }

  /// Where the file was read.
  public let path: String
  /// The texts beside the tensors.
  public let metadata: [String: String]
  /// The tensors in the order of their bytes.
  public let entries: [Entry]
  /// The whole file; keep it as long as pointers into it are used.
  public let bytes: FileBytes
  private let places: [ExactText: Int]

  /// Opens a file and checks all of its header.
  public init(_ path: String, files: any Files = .disk) throws {
    try self.init(files.bytes(of: path), path: path)
  }

  /// Checks bytes that are already here; the path is what errors name.
  public init(_ bytes: FileBytes, path: String) throws {
    let header = try bytes.withBytes { try SafetensorsHeader($0, path: path) }
    self.path = path
    self.bytes = bytes
    metadata = header.metadata
    entries = header.entries
    var places: [ExactText: Int] = [:]
    for (i, entry) in header.entries.enumerated() { places[ExactText(entry.name)] = i }
    self.places = places
  }

  /// The names in the order of their bytes.
  public var names: [String] { entries.map(\.name) }

  /// The tensor of a name, or nil.
  public subscript(_ name: String) -> Entry? { places[ExactText(name)].map { entries[$0] } }

  /// The tensor of a name; throws with the nearest name where there is none.
  public func entry(_ name: String) throws -> Entry {
    if let entry = self[name] { return entry }
    throw unknown("tensor", name, among: names, of: path)
  }

  /// Lends the bytes of a tensor for the time of the call, without copying.
  public func withBytes<R>(of entry: Entry, _ body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
    guard self[entry.name] == entry else {
      throw Failure(
        "the tensor \(shown(entry.name)) is not one of \(shown(path)).", cure: "Ask the file that has it.")
    }
    return try bytes.withBytes { try body(UnsafeRawBufferPointer(rebasing: $0[entry.range])) }
  }

  /// Lends the bytes of the tensor of a name for the time of the call, without copying.
  public func withBytes<R>(of name: String, _ body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
    try withBytes(of: entry(name), body)
  }

  /// A copy of the bytes of a tensor.
  public func copy(_ name: String) throws -> [UInt8] { try withBytes(of: name) { Array($0) } }
}
