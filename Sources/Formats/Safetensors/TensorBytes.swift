import Engine
import FileSystem
import Options

// Between the engine's tensors and the entries of a safetensors file.

extension DType {
  /// The engine's format of the same numbers; nil where it has none.
  public var format: Storage.Format? {
    switch self {
    case .f32: return .f32
    case .bf16: return .bf16
    case .f16: return .f16
    default: return nil
    }
  }

  /// The file's name for a format of the engine.
  public init(_ format: Storage.Format) {
    switch format {
    case .f32, .fourBit: self = .f32  // codes are written under names of their own
    case .bf16: self = .bf16
    case .f16: self = .f16
    }
  }
}

extension Safetensors.Part {
  /// A tensor of the engine, written as f32, bf16 or f16; writing throws where a number is too large for the
  /// format.
  public init(_ name: String, _ tensor: Tensor, as format: Storage.Format = .f32) {
    let tensor = tensor.plain
    self.init(name, DType(format), tensor.shape) { sink in
      let packed = tensor.packed(as: format)
      guard packed.isFinite || !tensor.isFinite else {
        throw Failure(
          "\(shown(name)) holds numbers too large for \(DType(format).rawValue).", cure: "Write it as f32.")
      }
      try packed.withBytes(as: format, sink)
    }
  }
}

extension Safetensors {
  /// The tensor of a name as f32 (or, with `packed`, in the file's own format); throws with the nearest name
  /// where there is none, and for formats other than F32, BF16 and F16.
  public func tensor(named name: String, packed: Bool = false) throws -> Tensor {
    try tensor(entry(name), packed: packed)
  }

  /// The tensor of an entry, as `tensor(named:)` gives it.
  ///
  /// Numbers of a mapped file stay where they are, and the tensor keeps the file; others are copied, so that
  /// no tensor holds the whole file in memory.
  public func tensor(_ entry: Entry, packed: Bool = false) throws -> Tensor {
    guard let format = entry.dtype.format else {
      throw Failure(
        "\(shown(path)): the tensor \(shown(entry.name)) is \(entry.dtype.rawValue), and weights are read from "
          + "F32, BF16 and F16.",
        cure: "Save it in Python as one of those, for example tensor.to(torch.float32).")
    }
    return try withBytes(of: entry) { raw in
      guard entry.count > 0, let start = raw.baseAddress else { return try Tensor(entry.shape, []) }
      let stays = bytes.isMapped && entry.isAligned
      let home = stays ? bytes : FileBytes(Array(raw))
      guard let base = stays ? start : home.base else { return try Tensor(entry.shape, []) }
      let storage = Storage(entry.count, format: format, at: base, keeper: home)
      let tensor = try Tensor(entry.shape, in: storage)
      return packed ? tensor : tensor.packed(as: .f32)
    }
  }
}

extension SessionFile {
  /// The tensor that the session knows by a name, in the format in which it was saved.
  public func tensor(named name: String) throws -> Tensor {
    let known = Set(names)
    if let state = FourBitFiles.stateKey(of: name, known.contains) {
      return try FourBitFiles.read(name, state: state) { (file, try entry($0)) }
    }
    return try file.tensor(entry(name), packed: true)
  }
}
