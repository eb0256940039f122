import Engine
import FileSystem
import Formats
import Options

/// The tensors of a session that is being saved: each block of memory once, under a name of its own.
struct SavedTensors {
  private struct Key: Hashable {
    let storage: ObjectIdentifier
    let offset: Int
    let shape: [Int]
  }
  private(set) var parts: [Safetensors.Part] = []
  private var names: [Key: String] = [:]
  private var taken: Set<String> = []

  /// The name of a tensor, which is stored under it; `wanted` if that is free.
  mutating func name(_ tensor: Tensor, _ wanted: String) -> JSON {
    let key = Key(storage: ObjectIdentifier(tensor.storage), offset: tensor.start, shape: tensor.shape)
    if let known = names[key] { return .string(known) }
    var name = wanted, number = 2
    while !taken.insert(name).inserted {
      name = "\(wanted)~\(number)"
      number += 1
    }
    names[key] = name
    if let packed = FourBitFiles.parts(name, tensor, keepsCompute: true) {
      parts += packed
    } else {
      parts.append(Safetensors.Part(name, tensor, as: tensor.storage.format))
    }
    return .string(name)
  }

  /// The name of a row of numbers.
  mutating func name(_ numbers: [Float], _ wanted: String) -> JSON {
    guard let row = try? Tensor([numbers.count], numbers) else { return .null }
    return name(row, wanted)
  }
}

/// The tensors of a session that is being loaded: each is read once, so those that were one are one again.
final class LoadedTensors {
  private let file: SessionFile
  private var known: [String: Tensor] = [:]

  init(_ file: SessionFile) { self.file = file }

  /// The tensor whose name stands in a field.
  func tensor(_ field: SavedFields) throws -> Tensor {
    let name = try field.text()
    if let tensor = known[name] { return tensor }
    let tensor = try file.tensor(named: name)
    known[name] = tensor
    return tensor
  }

  /// A row of numbers.
  func numbers(_ field: SavedFields) throws -> [Float] { try tensor(field).scalars }
}
