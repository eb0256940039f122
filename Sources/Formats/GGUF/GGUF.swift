import Engine
import FileSystem
import Options

/// A GGUF file: facts by key, and tensors, mapped. Nothing in it is trusted.
///
///     "GGUF", version, number of tensors, number of facts
///     facts    key, kind, value
///     tensors  name, sizes (the fastest first), type, place
///     the rest  the tensors' numbers, each aligned
public struct GGUF: Sendable {
  /// One tensor of the file.
  public struct Entry: Sendable, Equatable {
    /// Its name there: `blk.0.attn_q.weight`.
    public let name: String
    /// Its sizes, rows first.
    public let shape: [Int]
    /// How its numbers are written.
    public let type: GGUFType
    /// Where its bytes lie; checked to be inside and to fit the shape.
    public let range: Range<Int>
  }

  /// Where the file was read.
  public let path: String
  /// Facts by key.
  public let facts: [String: GGUFValue]
  /// The tensors in the file's order.
  public let entries: [Entry]
  /// The whole file; keep it as long as pointers into it are used.
  public let bytes: FileBytes
  private let places: [ExactText: Int]

  /// Opens a file, mapped, and checks all of its header.
  public init(_ path: String, files: any Files = .disk) throws {
    let mapping: any Files = files is DiskFiles ? DiskFiles(mapsAbove: 1 << 20) : files
    try self.init(mapping.bytes(of: path), path: path)
  }

  /// Checks bytes that are already here; the path is what errors name.
  public init(_ bytes: FileBytes, path: String) throws {
    self.path = path
    self.bytes = bytes
    (facts, entries) = try bytes.withBytes { raw in
      var reader = GGUFHeader(raw, path: path)
      return try reader.read()
    }
    var places: [ExactText: Int] = [:]
    for (i, entry) in entries.enumerated() {
      guard places.updateValue(i, forKey: ExactText(entry.name)) == nil else {
        throw Self.wrong("the tensor \(shown(entry.name)) stands twice", path)
      }
    }
    self.places = places
  }

  /// The tensor of a name, or nil.
  public subscript(_ name: String) -> Entry? { places[ExactText(name)].map { entries[$0] } }

  /// The tensor of a name as float32 or, plain numbers with `packed`, as the file writes them.
  public func tensor(_ entry: Entry, packed: Bool = false) throws -> Tensor {
    guard self[entry.name] == entry else {
      throw Failure(
        "the tensor \(shown(entry.name)) is not one of \(shown(path)).", cure: "Ask the file that has it.")
    }
    return try bytes.withBytes { raw in
      let part = UnsafeRawBufferPointer(rebasing: raw[entry.range])
      switch entry.type {
      case .blocks(let form): return try Tensor(entry.shape, blocks: part, form)
      case .plain(let format):
        guard let start = part.baseAddress, !part.isEmpty else { return try Tensor(entry.shape, []) }
        let stays = bytes.isMapped && entry.range.lowerBound % 4 == 0
        let home = stays ? bytes : FileBytes(Array(part))
        guard let base = stays ? start : home.base else { return try Tensor(entry.shape, []) }
        let count = entry.shape.reduce(1, *)
        let tensor = try Tensor(entry.shape, in: Storage(count, format: format, at: base, keeper: home))
        return packed ? tensor : tensor.packed(as: .f32)
      }
    }
  }

  static func wrong(_ what: String, _ path: String) -> Failure {
    Failure(
      "\(shown(path)) is not a sound GGUF file: \(what).", cure: "Download it again; do not trust it.")
  }
}

/// Reads the header.
private struct GGUFHeader {
  private var cursor: GGUFCursor
  private let size: Int
  private let path: String

  init(_ bytes: UnsafeRawBufferPointer, path: String) {
    cursor = GGUFCursor(bytes, path: path)
    size = bytes.count
    self.path = path
  }

  mutating func read() throws -> (facts: [String: GGUFValue], entries: [GGUF.Entry]) {
    guard size >= 24 else { throw cursor.cut }
    guard try cursor.number(UInt32.self) == 0x4655_4747 else {
      throw cursor.wrong("it does not begin with GGUF")
    }
    let version = try cursor.number(UInt32.self)
    guard version == 2 || version == 3 else {
      throw Failure(
        "\(shown(path)) is of GGUF's version \(version), and Graft reads 2 and 3.",
        cure: "Convert it anew with today's llama.cpp.")
    }
    let tensors = try cursor.count("tensors", each: 1), facts = try cursor.count("facts", each: 13)
    var found: [String: GGUFValue] = [:]
    for _ in 0..<facts {
      let key = try cursor.text()
      guard found.updateValue(try cursor.value(try cursor.number()), forKey: key) == nil else {
        throw cursor.wrong("the key \(shown(key)) stands twice")
      }
    }
    let alignment = found["general.alignment"].map { $0.asInteger ?? 0 } ?? 32
    guard alignment > 0, alignment % 4 == 0, alignment <= 1 << 20 else {
      throw cursor.wrong("its alignment is \(alignment)")
    }
    var infos: [(name: String, shape: [Int], type: GGUFType, place: UInt64)] = []
    for _ in 0..<tensors { infos.append(try info()) }
    let start = (cursor.at + alignment - 1) / alignment * alignment
    return (found, try infos.map { try entry($0, start, alignment) })
  }

  private mutating func info() throws -> (name: String, shape: [Int], type: GGUFType, place: UInt64) {
    let name = try cursor.text(), axes = try cursor.number(UInt32.self)
    guard (1...8).contains(axes) else { throw cursor.wrong("\(shown(name)) has \(axes) axes") }
    var shape: [Int] = []
    for _ in 0..<axes {
      let n = try cursor.number(UInt64.self)
      guard n <= 1 << 40 else { throw cursor.wrong("\(shown(name)) has an axis of \(n)") }
      shape.insert(Int(n), at: 0)
    }
    let number = try cursor.number(UInt32.self)
    guard let type = GGUFType.all.first(where: { $0.number == number })?.type else {
      let what = GGUFType.others[number] ?? "number \(number)"
      throw Failure(
        "\(shown(path)): the tensor \(shown(name)) is of the type \(what), which Graft does not read.",
        cure: "Fetch the model as one of those, or as safetensors.",
        details: ["Graft reads " + GGUFType.all.map(\.name).joined(separator: " ") + "."])
    }
    return (name, shape, type, try cursor.number())
  }

  private func entry(
    _ info: (name: String, shape: [Int], type: GGUFType, place: UInt64), _ start: Int, _ alignment: Int
  ) throws -> GGUF.Entry {
    let name = shown(info.name)
    guard let count = DType.u8.byteCount(of: info.shape), count < 1 << 45 else {
      throw cursor.wrong("the shape \(info.shape) of \(name) is too large")
    }
    guard let bytes = info.type.bytes(of: count) else {
      throw cursor.wrong("\(name) has \(count) numbers, which are no whole blocks of \(info.type.name)")
    }
    if case .blocks(let form) = info.type, (info.shape.last ?? 0) % form.count != 0 {
      throw cursor.wrong("the rows of \(name) are no whole blocks of \(info.type.name)")
    }
    guard info.place % UInt64(alignment) == 0 else {
      throw cursor.wrong("\(name) begins at \(info.place), not aligned")
    }
    guard start <= size, info.place <= UInt64(size - start), bytes <= size - start - Int(info.place) else {
      throw cursor.wrong("\(name) would end past the file's \(size) bytes: it is cut short")
    }
    let first = start + Int(info.place)
    return GGUF.Entry(name: info.name, shape: info.shape, type: info.type, range: first..<first + bytes)
  }
}
