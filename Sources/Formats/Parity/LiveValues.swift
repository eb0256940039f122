import Engine
import FileSystem
import Networks
import Options

/// The values that peft's parameters had before training, put into ours.
enum LiveValues {
  /// Fills all that trains from a file of live names; throws the names on either side that the other lacks.
  static func fill(_ live: [ForeignTensor], from file: Safetensors) throws {
    // With bias=all peft counts the head's bias twice; the original one has no effect.
    let wanted = Set(live.map(\.key)), held = Set(file.names.filter { !$0.contains(".original_module.") })
    let missing = wanted.subtracting(held).sorted(), extra = held.subtracting(wanted).sorted()
    guard missing.isEmpty, extra.isEmpty else {
      let sides = [(missing, "has no"), (extra, "has, and we do not train,")]
      let texts = sides.filter { !$0.0.isEmpty }.map { "\($0.1) \(some($0.0))" }
      throw Failure("\(Path.last(of: file.path)) \(texts.joined(separator: "; "))")
    }
    for tensor in live {
      for (parameter, part) in try tensor.parts(of: value(of: tensor, file.tensor(named: tensor.key))) {
        // A copy: the tape tells parameters apart by their memory.
        parameter.value = try Tensor(part.shape, part.scalars)
      }
    }
  }

  /// A tensor of peft's in our shape: axes of length 1 may come and go.
  static func value(of tensor: ForeignTensor, _ value: Tensor) throws -> Tensor {
    guard value.shape.filter({ $0 != 1 }) == tensor.shape.filter({ $0 != 1 }) else {
      throw Failure("\(tensor.key) is \(value.shape), and ours is \(tensor.shape).")
    }
    return try value.reshaped(tensor.shape)
  }

  private static func some(_ names: [String]) -> String {
    names.prefix(2).joined(separator: " ") + (names.count > 2 ? " and \(names.count - 2) more" : "")
  }
}
