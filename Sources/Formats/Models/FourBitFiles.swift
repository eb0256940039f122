import Engine
import FileSystem
import Options

/// Tensors in four bits in a safetensors file, under bitsandbytes' names.
///
///     NAME                                       codes, two a byte: U8 [n/2, 1]
///     NAME.absmax                                a scale a block: U8 codes of the dynamic map, or F32
///     NAME.quant_map                             the sixteen values
///     NAME.nested_absmax, .nested_quant_map      the scales' own scales, and the 256 values of the map
///     NAME.quant_state.bitsandbytes__nf4         JSON as U8: block, shape, offset of the scales
public enum FourBitFiles {
  private static let state = ".quant_state.bitsandbytes__"
  private static let endings = [".absmax", ".quant_map", ".nested_absmax", ".nested_quant_map"]

  /// The entries of a packed tensor; nil where it is not packed as a whole.
  public static func parts(_ name: String, _ tensor: Tensor, keepsCompute: Bool = false) -> [Safetensors
    .Part]?
  {
    guard let packing = tensor.packing, let codes = tensor.codeBytes,
      let text = try? description(tensor, packing, keepsCompute).text()
    else { return nil }
    let scales = packing.scales, blocks = scales.count
    var parts = [
      Safetensors.Part(name, .u8, [codes.count, 1], bytes: codes),
      Safetensors.Part(name + ".quant_map", [16], floats: packing.form.code.values),
      Safetensors.Part(
        name + state + packing.form.code.rawValue, .u8, [text.utf8.count], bytes: Array(text.utf8)),
    ]
    guard scales.isDouble else {
      return parts + [Safetensors.Part(name + ".absmax", [blocks], floats: scales.plain)]
    }
    parts.append(Safetensors.Part(name + ".absmax", .u8, [blocks], bytes: scales.codes))
    parts.append(Safetensors.Part(name + ".nested_absmax", [scales.nested.count], floats: scales.nested))
    return parts + [Safetensors.Part(name + ".nested_quant_map", [256], floats: BlockScales.map)]
  }

  private static func description(_ tensor: Tensor, _ packing: FourBit, _ keepsCompute: Bool) -> JSON {
    let form = packing.form
    var fields: JSON.Object = [
      "quant_type": .string(form.code.rawValue), "blocksize": .integer(form.block), "dtype": "float32",
      "shape": .array(tensor.shape.map { .integer($0) }),
    ]
    if packing.scales.isDouble {
      fields["nested_blocksize"] = .integer(BlockScales.block)
      fields["nested_dtype"] = "float32"
      fields["nested_offset"] = .number(Double(packing.scales.offset))
    }
    if keepsCompute && form.rounds { fields["compute"] = "bfloat16" }
    return .object(fields)
  }

  /// The name of the packed tensor that an entry describes; nil: it is no such entry.
  public static func subject(of key: String) -> String? {
    if let found = key.firstRange(of: state) { return String(key[..<found.lowerBound]) }
    return endings.first { key.hasSuffix($0) }.map { String(key.dropLast($0.count)) }
  }

  /// The entry that says how a tensor is packed, among the names that are there.
  public static func stateKey(of name: String, _ isThere: (String) -> Bool) -> String? {
    FourBitCode.allCases.map { name + state + $0.rawValue }.first(where: isThere)
  }

  /// Reads a packed tensor; `find` gives an entry and its file. Nothing in the file is trusted.
  public static func read(
    _ name: String, state key: String,
    find: @escaping (String) throws -> (file: Safetensors, entry: Safetensors.Entry)
  ) throws -> Tensor {
    let (file, entry) = try find(key), reader = Reader(name: name, path: file.path, find: find)
    guard entry.dtype == .u8, entry.count <= 65_536 else {
      throw reader.damaged("its description is no text")
    }
    let text = try file.withBytes(of: entry) { String(decoding: $0, as: UTF8.self) }
    guard let fields = try JSON.parse(text, name: "\(file.path), \(key)").asObject else {
      throw reader.damaged("its description is no object")
    }
    return try reader.tensor(fields)
  }

  /// The shape that a packed tensor has once it is unpacked.
  static func shape(
    state key: String, find: (String) throws -> (file: Safetensors, entry: Safetensors.Entry)
  ) throws -> [Int]? {
    let (file, entry) = try find(key)
    guard entry.dtype == .u8, entry.count <= 65_536 else { return nil }
    let text = try file.withBytes(of: entry) { String(decoding: $0, as: UTF8.self) }
    return try JSON.parse(text, name: "\(file.path), \(key)")["shape"]?.asArray?.compactMap(\.asInteger)
  }
}

/// Reads the parts of one packed tensor.
private struct Reader {
  let name: String
  let path: String
  let find: (String) throws -> (file: Safetensors, entry: Safetensors.Entry)

  func tensor(_ fields: JSON.Object) throws -> Tensor {
    guard let code = fields["quant_type"]?.asString.flatMap(FourBitCode.init(rawValue:)) else {
      throw damaged("its quant_type is \(fields["quant_type"]?.asString.map(shown) ?? "missing")")
    }
    guard let block = fields["blocksize"]?.asInteger, FourBit.Form.blocks.contains(block) else {
      throw damaged("its blocksize is no power of two from 8 to 4096")
    }
    guard let list = fields["shape"]?.asArray, !list.isEmpty, list.count <= 8,
      case let shape = list.compactMap(\.asInteger), shape.count == list.count, shape.allSatisfy({ $0 > 0 }),
      let count = DType.u8.byteCount(of: shape), count < 1 << 40
    else { throw damaged("its shape is none") }
    try check(try floats(".quant_map", 16), code.values, "quant_map")
    let scales = try scales(fields, blocks: (count + block - 1) / block)
    let rounds = fields["compute"]?.asString == "bfloat16"
    let form = FourBit.Form(code, block: block, double: scales.isDouble, rounds: rounds)
    let (file, entry) = try find(name)
    guard entry.dtype == .u8, entry.count == (count + 1) / 2 else {
      throw damaged("it has \(entry.count) bytes of codes, where its shape \(shape) takes \((count + 1) / 2)")
    }
    return try file.withBytes(of: entry) { try Tensor(shape, codes: $0, FourBit(form, scales)) }
  }

  private func scales(_ fields: JSON.Object, blocks: Int) throws -> BlockScales {
    let (file, entry) = try find(name + ".absmax")
    guard entry.count == blocks else { throw damaged("it has \(entry.count) scales for \(blocks) blocks") }
    if entry.dtype == .f32 { return BlockScales(try finite(file.tensor(entry).scalars)) }
    guard entry.dtype == .u8, fields["nested_blocksize"]?.asInteger == BlockScales.block,
      let offset = fields["nested_offset"]?.asNumber, offset.isFinite
    else { throw damaged("its scales are quantised in another way than blocks of \(BlockScales.block)") }
    try check(try floats(".nested_quant_map", 256), BlockScales.map, "nested_quant_map")
    let nested = try floats(".nested_absmax", (blocks + BlockScales.block - 1) / BlockScales.block)
    let codes = try file.withBytes(of: entry) { Array($0) }
    return BlockScales(codes: codes, nested: nested, offset: Float(offset))
  }

  private func floats(_ ending: String, _ count: Int) throws -> [Float] {
    let (file, entry) = try find(name + ending)
    guard entry.count == count else { throw damaged("\(ending) has \(entry.count) numbers, not \(count)") }
    return try finite(file.tensor(entry).scalars)
  }

  private func finite(_ numbers: [Float]) throws -> [Float] {
    guard numbers.allSatisfy(\.isFinite) else { throw damaged("its scales hold NaN or infinity") }
    return numbers
  }

  private func check(_ found: [Float], _ wanted: [Float], _ what: String) throws {
    guard zip(found, wanted).allSatisfy({ abs($0 - $1) <= 1e-6 }) else {
      throw damaged("its \(what) is not the one of its type, and another one is not read")
    }
  }

  func damaged(_ how: String) -> Failure {
    Failure(
      "\(shown(path)): the packed tensor \(shown(name)) cannot be read: \(how).",
      cure: "Save it again with bitsandbytes, as nf4 or fp4.")
  }
}
