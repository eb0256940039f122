import FileSystem
import Options

/// An ONNX file's graph, as far as weights ask: its constant tensors and its operations by name. Nothing in it is
/// trusted, and what is not needed is stepped over.
///
///     model   7 graph
///     graph   1 node {1 input, 3 name, 4 operation}        5 tensor {1 sizes, 2 format, 8 name, 4 or 9 numbers}
///
/// Numbers stay where they lie in the file: of a large one, which is mapped, only those that are used come in.
public struct ONNX {
  /// A constant tensor: the format calls it an initializer.
  public struct Constant: Equatable {
    /// Its name.
    public var name = ""
    /// Its sizes.
    public var shape: [Int] = []
    /// Where its numbers lie in the file.
    public var range = 0..<0
    /// The format's number for the kind of its numbers; 1 is float32.
    var format = 0
    /// Whether its numbers lie in another file.
    var isElsewhere = false
  }

  /// An operation.
  public struct Node: Equatable {
    /// Its name, a path: `/encoder/layer.0/mlp/fc1/MatMul`.
    public var name = ""
    /// What it does: `MatMul`.
    public var operation = ""
    /// The names of what it reads.
    public var inputs: [String] = []
  }

  /// Where the file was read.
  public let path: String
  /// The tensors, in the file's order.
  public private(set) var constants: [Constant] = []
  /// The operations, in the file's order.
  public private(set) var nodes: [Node] = []
  let bytes: FileBytes
  private var places: [ExactText: Int] = [:]

  /// Opens a file; throws with the reason where it is no whole model.
  public init(_ path: String, files: any Files = .disk) throws {
    try self.init(files.bytes(of: path), path: path)
  }

  /// Reads bytes that are already here; the path is what errors name.
  public init(_ bytes: FileBytes, path: String) throws {
    (self.bytes, self.path) = (bytes, path)
    do { try bytes.withBytes { try readModel($0) } } catch let failure as Failure {
      throw wrong(failure.what)
    }
    guard !constants.isEmpty else { throw wrong("it holds no tensors") }
    for (i, constant) in constants.enumerated() {
      if places.updateValue(i, forKey: ExactText(constant.name)) != nil {
        throw wrong("two tensors are named \(shown(constant.name))")
      }
    }
  }

  /// The tensor of a name, or nil.
  public subscript(_ name: String) -> Constant? { places[ExactText(name)].map { constants[$0] } }

  /// Lends the numbers of a tensor, little-endian float32; throws where they are others, or not as many as its sizes
  /// say.
  public func withFloats<R>(of constant: Constant, _ body: (UnsafeRawBufferPointer) throws -> R) throws -> R {
    let name = shown(constant.name)
    guard !constant.isElsewhere else { throw wrong("the numbers of \(name) lie in another file") }
    guard constant.format == 1 else {
      throw wrong("\(name) has numbers of kind \(constant.format), not float32")
    }
    guard DType.f32.byteCount(of: constant.shape) == constant.range.count else {
      throw wrong("\(name) is \(constant.shape), but has \(constant.range.count) bytes")
    }
    return try bytes.withBytes { try body(UnsafeRawBufferPointer(rebasing: $0[constant.range])) }
  }

  /// The numbers of a tensor.
  public func floats(of constant: Constant) throws -> [Float] {
    try withFloats(of: constant) { raw in
      [Float](unsafeUninitializedCapacity: raw.count / 4) { buffer, count in
        // Nothing says that they lie at a multiple of four.
        UnsafeMutableRawBufferPointer(buffer).copyMemory(from: raw)
        count = raw.count / 4
      }
    }
  }

  /// The error for a file that cannot be used.
  func wrong(_ why: String) -> Failure {
    Failure("\(shown(path)) is not a sound ONNX file: \(why).", cure: "Fetch it again.")
  }

  // MARK: Reading

  private mutating func readModel(_ bytes: UnsafeRawBufferPointer) throws {
    var model = Protobuf(bytes)
    while let (field, value) = try model.next() {
      if case (7, .bytes(let range)) = (field, value) { try readGraph(bytes, range) }
    }
  }

  private mutating func readGraph(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws {
    var graph = Protobuf(bytes, range)
    while let (field, value) = try graph.next() {
      guard case .bytes(let part) = value else { continue }
      switch field {
      case 1: nodes.append(try Node(bytes, part))
      case 5: constants.append(try Constant(bytes, part))
      default: continue
      }
    }
  }
}

extension ONNX.Node {
  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws {
    var node = Protobuf(bytes, range)
    while let (field, value) = try node.next() {
      guard case .bytes(let part) = value else { continue }
      switch field {
      case 1: inputs.append(try ONNX.text(bytes, part))
      case 3: name = try ONNX.text(bytes, part)
      case 4: operation = try ONNX.text(bytes, part)
      default: continue
      }
    }
  }
}

extension ONNX.Constant {
  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws {
    var tensor = Protobuf(bytes, range)
    while let (field, value) = try tensor.next() {
      switch (field, value) {
      case (1, .number(let size)): try add(size)
      case (1, .bytes(let part)):
        var sizes = Protobuf(bytes, part)
        while !sizes.isAtEnd { try add(try sizes.number()) }
      case (2, .number(let kind)): format = Int(clamping: kind)
      case (4, .bytes(let part)), (9, .bytes(let part)): self.range = part
      case (8, .bytes(let part)): name = try ONNX.text(bytes, part)
      case (14, .number(let place)): isElsewhere = place != 0
      default: continue
      }
    }
  }

  private mutating func add(_ size: UInt64) throws {
    guard shape.count < 8, size < 1 << 40 else { throw Failure("a tensor has sizes that cannot be") }
    shape.append(Int(size))
  }
}

extension ONNX {
  /// A name.
  static func text(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) throws -> String {
    guard let text = String(validating: bytes[range], as: UTF8.self) else {
      throw Failure("at byte \(range.lowerBound): a name is not UTF-8")
    }
    return text
  }
}
