import FileSystem
import Options

extension Safetensors {
  /// One tensor to be written.
  public struct Part {
    /// Its name.
    public let name: String
    /// Its number format.
    public let dtype: DType
    /// Its shape; empty for a single number.
    public let shape: [Int]
    /// Gives its bytes (little-endian, rows one after another), in pieces; it may be called more than once.
    public let fill: FileFill

    /// A tensor whose bytes a closure gives.
    public init(_ name: String, _ dtype: DType, _ shape: [Int], _ fill: @escaping FileFill) {
      (self.name, self.dtype, self.shape, self.fill) = (name, dtype, shape, fill)
    }

    /// A tensor from its bytes.
    public init(_ name: String, _ dtype: DType, _ shape: [Int], bytes: [UInt8]) {
      self.init(name, dtype, shape) { sink in try bytes.withUnsafeBytes(sink) }
    }

    /// A tensor from floats, as F32.
    public init(_ name: String, _ shape: [Int], floats: [Float]) {
      self.init(name, .f32, shape) { sink in try floats.withUnsafeBytes(sink) }
    }
  }

  /// Writes a file, all or nothing; the same tensors give the same bytes as the reference library.
  public static func write(
    _ parts: [Part], metadata: [String: String] = ["format": "pt"], to path: String, files: any Files = .disk
  ) throws {
    try files.write(path, contents(parts, metadata: metadata))
  }

  /// What a file holds, as something that `write` and `writeFolder` take; the header is made and checked at
  /// once.
  public static func contents(_ parts: [Part], metadata: [String: String] = ["format": "pt"]) throws
    -> FileFill
  {
    // Wide formats first keeps every tensor aligned; then by name.
    let sorted = parts.sorted { a, b in
      a.dtype.rank != b.dtype.rank ? a.dtype.rank > b.dtype.rank : ExactText.precedes(a.name, b.name)
    }
    let header = try header(sorted, metadata)
    return { sink in
      try header.withUnsafeBytes(sink)
      for part in sorted { try part.pour(into: sink) }
    }
  }

  private static func header(_ parts: [Part], _ metadata: [String: String]) throws -> [UInt8] {
    var object = JSON.Object()
    if !metadata.isEmpty {
      let texts = metadata.sorted { ExactText.precedes($0.key, $1.key) }
      object["__metadata__"] = .object(JSON.Object(texts.map { ($0.key, .string($0.value)) }))
    }
    var end = 0
    for part in parts {
      if hasControls(part.name) || part.name == "__metadata__" {
        throw Failure(
          "a tensor cannot be named \(shown(part.name)).", cure: "Name it with visible characters.")
      }
      let begin = end
      let (sum, isTooLarge) = end.addingReportingOverflow(try part.byteCount())
      if isTooLarge { throw Failure("the tensors are too large for one file.", cure: "Write several files.") }
      end = sum
      let entry: JSON = [
        "dtype": .string(part.dtype.rawValue), "shape": .array(part.shape.map { .integer($0) }),
        "data_offsets": [.integer(begin), .integer(end)],
      ]
      if !object.add(part.name, entry) {
        throw Failure("two tensors are named \(shown(part.name)).", cure: "Give each its own name.")
      }
    }
    var text = Array(try JSON.object(object).text().utf8)
    text += [UInt8](repeating: 0x20, count: (8 - text.count % 8) % 8)  // so that the tensors begin aligned
    guard text.count <= headerLimit else {
      throw Failure("the header would have \(text.count) bytes; the format allows \(headerLimit).")
    }
    let length = UInt64(text.count).littleEndian
    return withUnsafeBytes(of: length) { Array($0) } + text
  }
}

extension Safetensors.Part {
  /// The bytes that its shape and format take.
  func byteCount() throws -> Int {
    if let count = dtype.byteCount(of: shape) { return count }
    throw Failure("the shape \(shape) of \(shown(name)) is negative or too large.")
  }

  /// Gives its bytes to a sink and checks that they are as many as its shape and format take.
  func pour(into sink: FileSink) throws {
    let wanted = try byteCount()
    var given = 0
    try fill { piece in
      given += piece.count
      if given <= wanted { try sink(piece) }
    }
    if given != wanted {
      throw Failure("\(shown(name)) has \(given) bytes, but \(dtype.rawValue) \(shape) takes \(wanted).")
    }
  }
}
