import FileSystem
import Options

/// The checked header of a safetensors file.
struct SafetensorsHeader {
  var metadata: [String: String] = [:]
  var entries: [Safetensors.Entry] = []

  private let path: String
  private let start: Int  // where the tensors' bytes begin
  private let size: Int  // how many there are

  /// Reads and checks everything that the header says against the bytes that are there.
  init(_ file: UnsafeRawBufferPointer, path: String) throws {
    if let refusal = FileSignature(file).refusal(of: path) { throw refusal }
    self.path = path
    let length = try SafetensorsHeader.length(file, path)
    start = 8 + length
    size = file.count - start
    let json = UnsafeRawBufferPointer(rebasing: file[8..<start]).bindMemory(to: UInt8.self)
    guard json.first == UInt8(ascii: "{") else { throw wrong("its header does not begin with {") }
    let value = try JSON.parse(json, name: "\(path), header")
    guard let object = value.asObject else { throw wrong("its header is \(value.kind), not an object") }
    for member in object.members {
      if member.key == "__metadata__" {
        metadata = try texts(member.value)
      } else {
        entries.append(try entry(member.key, member.value))
      }
    }
    try checkLayout()
  }

  private static func length(_ file: UnsafeRawBufferPointer, _ path: String) throws -> Int {
    func wrong(_ what: String) -> Failure { SafetensorsHeader.wrong(what, path) }
    guard file.count >= 8 else {
      throw wrong("it has \(file.count) bytes, fewer than the 8 of a header's length")
    }
    let length = UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
    guard length <= UInt64(Safetensors.headerLimit) else {
      throw wrong("its header would have \(length) bytes, more than the format's limit of 100000000")
    }
    guard length <= UInt64(file.count - 8) else {
      throw wrong("its header would have \(length) bytes, but only \(file.count - 8) follow")
    }
    return Int(length)
  }

  private func texts(_ value: JSON) throws -> [String: String] {
    guard let object = value.asObject else { throw wrong("__metadata__ is \(value.kind), not an object") }
    var texts: [String: String] = [:]
    for member in object.members {
      guard let text = member.value.asString else {
        throw wrong(
          "__metadata__ holds \(member.value.kind) under \(shown(member.key)), where only texts may stand")
      }
      texts[member.key] = text
    }
    return texts
  }

  private func entry(_ name: String, _ value: JSON) throws -> Safetensors.Entry {
    if hasControls(name) { throw wrong("the name \(shown(name)) holds control characters") }
    guard value.asObject != nil else {
      throw wrong("the tensor \(shown(name)) is \(value.kind), not an object")
    }
    guard let type = value["dtype"]?.asString else { throw wrong("the tensor \(shown(name)) has no dtype") }
    guard let dtype = DType(rawValue: type) else {
      throw Failure(
        "\(shown(path)): the tensor \(shown(name)) has the number format \(shown(type)), "
          + "which Graft does not read.",
        cure: "Save it in Python as one of those, for example tensor.to(torch.float32).",
        details: ["Graft reads " + DType.allCases.map(\.rawValue).joined(separator: " ") + "."])
    }
    guard let shape = whole(value["shape"]) else {
      throw wrong("the shape of \(shown(name)) is not a list of whole numbers")
    }
    guard let count = dtype.byteCount(of: shape) else {
      throw wrong("the shape \(shape) of \(shown(name)) is negative or too large")
    }
    guard let offsets = whole(value["data_offsets"]), offsets.count == 2 else {
      throw wrong("the data_offsets of \(shown(name)) are not two whole numbers")
    }
    let (begin, end) = (offsets[0], offsets[1])
    guard begin >= 0, begin <= end else {
      throw wrong("the data_offsets \(offsets) of \(shown(name)) are reversed")
    }
    guard end <= size else {
      throw wrong(
        "\(shown(name)) would end at byte \(end) of the tensors, but there are \(size): it is cut short")
    }
    guard end - begin == count else {
      throw wrong("\(shown(name)) has \(end - begin) bytes, but \(type) \(shape) takes \(count)")
    }
    return Safetensors.Entry(name: name, dtype: dtype, shape: shape, range: start + begin..<start + end)
  }

  /// The whole numbers of a list; 2.0 is none here, because the format's own reader takes none either.
  private func whole(_ value: JSON?) -> [Int]? {
    guard let values = value?.asArray else { return nil }
    var numbers: [Int] = []
    for value in values {
      guard case .integer(let n) = value else { return nil }
      numbers.append(n)
    }
    return numbers
  }

  /// Sorts the tensors by their bytes; these must follow each other from the first byte to the last.
  private mutating func checkLayout() throws {
    entries.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
    var end = start, last = ""
    for entry in entries {
      if entry.range.lowerBound < end {
        throw wrong("the tensors \(shown(last)) and \(shown(entry.name)) overlap")
      }
      if entry.range.lowerBound > end {
        throw wrong("\(entry.range.lowerBound - end) bytes before \(shown(entry.name)) belong to no tensor")
      }
      (end, last) = (entry.range.upperBound, entry.name)
    }
    let left = start + size - end
    if left > 0 { throw wrong("\(left) bytes at its end belong to no tensor") }
  }

  private func wrong(_ what: String) -> Failure { SafetensorsHeader.wrong(what, path) }

  private static func wrong(_ what: String, _ path: String) -> Failure {
    Failure(
      "\(shown(path)) is not a sound safetensors file: \(what).",
      cure: "Download it or save it again; do not trust it.")
  }
}
