import FileSystem
import Options

/// The tensors of a model folder: in `model.safetensors`, or in the shards that
/// `model.safetensors.index.json` names.
public struct ShardedTensors: Sendable {
  /// The files, in the order of their names.
  public let shards: [Safetensors]
  /// Tensors that lie in a shard though the index does not name them; they are not offered.
  public let unlisted: [String]
  private let homes: [ExactText: Int]

  /// The name of the single file of a model.
  public static let singleName = "model.safetensors"
  /// The name of the index of a model in several files.
  public static let indexName = "model.safetensors.index.json"

  /// Opens the one file, or the index and every shard in it, and checks that each has what the index says.
  public init(folder: String, files: any Files = .disk) throws {
    let single = Path.join(folder, ShardedTensors.singleName)
    let index = Path.join(folder, ShardedTensors.indexName)
    if try files.exists(single) || !files.exists(index) {
      let file = try Safetensors(single, files: files)
      (shards, unlisted) = ([file], [])
      homes = Dictionary(uniqueKeysWithValues: file.names.map { (ExactText($0), 0) })
      return
    }
    let map = try ShardedTensors.readIndex(index, files)
    var shards: [Safetensors] = [], homes: [ExactText: Int] = [:], unlisted: [String] = []
    let names = Set(map.members.compactMap(\.value.asString)).sorted(by: ExactText.precedes)
    for name in names { shards.append(try Safetensors(Path.join(folder, name), files: files)) }
    for member in map.members {
      guard let name = member.value.asString, let place = names.firstIndex(of: name) else { continue }
      guard shards[place][member.key] != nil else {
        throw Failure(
          "\(shown(index)) looks for \(shown(member.key)) in \(shown(name)), which does not have it.",
          cure: "The folder mixes two downloads: fetch all its files again.")
      }
      homes[ExactText(member.key)] = place
    }
    for (place, shard) in shards.enumerated() {
      unlisted += shard.names.filter { homes[ExactText($0)] != place }
    }
    (self.shards, self.homes, self.unlisted) = (shards, homes, unlisted)
  }

  /// The names of all tensors, sorted.
  public var names: [String] { homes.keys.map(\.text).sorted(by: ExactText.precedes) }

  /// Whether there is a tensor of this name.
  public func has(_ name: String) -> Bool { homes[ExactText(name)] != nil }

  /// The file that holds a tensor, and its entry there; throws with the nearest name where there is none.
  public func find(_ name: String) throws -> (file: Safetensors, entry: Safetensors.Entry) {
    guard let place = homes[ExactText(name)] else { throw unknown("tensor", name, among: names) }
    return (shards[place], try shards[place].entry(name))
  }

  /// Whether two tensors have the same format, shape and numbers, bit for bit.
  func areCopies(_ a: String, _ b: String) throws -> Bool {
    let (file, entry) = try find(a), (other, twin) = try find(b)
    guard entry.dtype == twin.dtype, entry.shape == twin.shape else { return false }
    return try file.withBytes(of: entry) { bytes in
      try other.withBytes(of: twin) { bytes.elementsEqual($0) }
    }
  }

  /// The index's map from tensor to shard, each shard a plain name inside the folder.
  private static func readIndex(_ path: String, _ files: any Files) throws -> JSON.Object {
    let json = try JSON.read(path, files: files)
    guard let map = json["weight_map"]?.asObject, map.count > 0 else {
      throw Failure("\(shown(path)) has no weight_map.", cure: "Fetch the file again.")
    }
    for member in map.members {
      guard let name = member.value.asString else {
        throw Failure(
          "\(shown(path)): the shard of \(shown(member.key)) is \(member.value.kind), not a name.")
      }
      if Pickle.isNamed(name) { throw Pickle.refusal(of: Path.join(Path.parent(of: path), name)) }
      guard Path.isPlainName(name), !name.contains("\\"), name.hasSuffix(".safetensors") else {
        throw Failure(
          "\(shown(path)) names the shard \(shown(name)), which is not the plain name of a safetensors file.",
          cure: "Do not trust this folder: a shard may only lie beside its index.")
      }
    }
    return map
  }
}
