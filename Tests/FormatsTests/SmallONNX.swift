import Engine
import FileSystem

/// ONNX files written byte by byte, as PyTorch's export lays out a DINOv2 behind `backbone.`.
enum SmallONNX {
  /// A number of any length: seven bits a byte, the last one without its highest bit.
  static func number(_ n: Int) -> [UInt8] {
    n < 0x80 ? [UInt8(n)] : [UInt8(n & 0x7F) | 0x80] + number(n >> 7)
  }

  /// A field that is a number, and one that is bytes.
  static func field(_ field: Int, _ n: Int) -> [UInt8] { number(field << 3) + number(n) }
  static func field(_ field: Int, _ bytes: [UInt8]) -> [UInt8] {
    number(field << 3 | 2) + number(bytes.count) + bytes
  }
  static func field(_ field: Int, _ text: String) -> [UInt8] { self.field(field, Array(text.utf8)) }

  static func raw(_ floats: [Float]) -> [UInt8] { floats.withUnsafeBytes { Array($0) } }

  /// A tensor, its sizes one by one as PyTorch writes them.
  static func tensor(_ name: String, _ shape: [Int], _ floats: [Float], format: Int = 1) -> [UInt8] {
    field(5, shape.flatMap { field(1, $0) } + field(2, format) + field(8, name) + field(9, raw(floats)))
  }

  static func node(_ name: String, _ operation: String, _ inputs: [String]) -> [UInt8] {
    field(
      1, inputs.flatMap { field(1, $0) } + field(2, name + "_output_0") + field(3, name) + field(4, operation)
    )
  }

  static func model(_ graph: [UInt8]) -> [UInt8] { field(1, 7) + field(2, "test") + field(7, graph) }

  /// Numbers that are all different.
  static func numbers(_ shape: [Int], from start: Int) -> [Float] {
    (0..<shape.reduce(1, *)).map { Float((start * 7919 + $0 * 31) % 997) / 997 - 0.5 }
  }

  /// A DINOv2 of one block and one head, on pictures of 4×4 cut in four, and the tensors by Hugging Face's names;
  /// `leaving` leaves tensors out.
  static func dinov2(leaving: String? = nil, format: Int = 1) -> (
    bytes: [UInt8], tensors: [String: (shape: [Int], floats: [Float])]
  ) {
    let width = 64, inner = 128
    var graph: [UInt8] = [], tensors: [String: (shape: [Int], floats: [Float])] = [:], count = 0
    func plain(_ name: String, _ shape: [Int]) {
      count += 1
      tensors[name] = (shape, numbers(shape, from: count))
      if name != leaving {
        graph += tensor("backbone." + name, shape, numbers(shape, from: count), format: format)
      }
    }
    func turned(_ module: String, out: Int, in size: Int) {
      count += 1
      let file = numbers([size, out], from: count)
      tensors[module + ".weight"] = (
        [out, size], (0..<out * size).map { file[$0 % size * out + $0 / size] }
      )
      graph += tensor("onnx::MatMul_\(count)", [size, out], file)
      let path = module.split(separator: ".").reduce("") { $0 + ($1.allSatisfy(\.isNumber) ? "." : "/") + $1 }
      graph += node("/backbone\(path)/MatMul", "MatMul", ["/x", "onnx::MatMul_\(count)"])
    }
    plain("embeddings.cls_token", [1, 1, width])
    plain("embeddings.patch_embeddings.projection.weight", [width, 1, 2, 2])
    plain("embeddings.patch_embeddings.projection.bias", [width])
    let block = "encoder.layer.0."
    for norm in [block + "norm1", block + "norm2", "layernorm"] {
      plain(norm + ".weight", [width])
      plain(norm + ".bias", [width])
    }
    for part in ["key", "value", "query"] {
      plain(block + "attention.attention.\(part).bias", [width])
      turned(block + "attention.attention.\(part)", out: width, in: width)
    }
    plain(block + "attention.output.dense.bias", [width])
    turned(block + "attention.output.dense", out: width, in: width)
    plain(block + "layer_scale1.lambda1", [width])
    plain(block + "mlp.fc1.bias", [inner])
    turned(block + "mlp.fc1", out: inner, in: width)
    plain(block + "mlp.fc2.bias", [width])
    turned(block + "mlp.fc2", out: width, in: inner)
    plain(block + "layer_scale2.lambda1", [width])
    let (first, rest) = (numbers([width], from: 98), numbers([4, width], from: 99))
    graph += tensor("onnx::Concat_1", [1, 1, width], first) + tensor("onnx::Reshape_2", [1, 4, width], rest)
    graph += node("/backbone/embeddings/Reshape_1", "Reshape", ["onnx::Reshape_2", "/sizes"])
    graph += node("/backbone/embeddings/Concat_6", "Concat", ["onnx::Concat_1", "/resized"])
    graph +=
      tensor("decoder.weight", [2], [1, 2]) + node("/decoder/MatMul", "MatMul", ["/y", "decoder.weight"])
    tensors["embeddings.position_embeddings"] = ([1, 5, width], first + rest)
    return (model(graph), tensors)
  }
}
