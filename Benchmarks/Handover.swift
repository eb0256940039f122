import Engine
import Networks

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Weights and tokens of a bench in one safetensors file, named and laid out as Hugging Face's GPT-2 has them,
/// so that a peer can start from the same numbers. LoRA's factors keep our names.
enum Handover {
  static func write(_ bench: Bench, to path: String) throws {
    var entries: [String] = [], numbers: [Float] = []
    func add(_ name: String, _ tensor: Tensor) {
      let from = numbers.count * 4, to = from + tensor.count * 4
      entries.append(
        "\"\(name)\":{\"dtype\":\"F32\",\"shape\":\(tensor.shape),\"data_offsets\":[\(from),\(to)]}")
      numbers += tensor.scalars
    }
    for parameter in bench.model.parameters {
      let parts = parameter.name.split(separator: "."), module = parts.dropLast().joined(separator: ".")
      guard let row = bench.model.architecture.row(module),
        let foreign = bench.model.architecture.foreignSite(module)
      else {
        add(parameter.name, parameter.value)
        continue
      }
      let isTurned = row.isTransposed && parameter.leaf == "weight"
      add(foreign + "." + parameter.leaf, isTurned ? try parameter.value.transposed() : parameter.value)
    }
    let ids = bench.source.only.ids
    add("tokens", try Tensor([ids.count, bench.size.time], ids.flatMap { $0 }.map(Float.init)))
    var header = Array("{\(entries.joined(separator: ","))}".utf8)
    while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
    guard let file = fopen(path, "w") else {
      throw EngineError.shapes(op: "write", "\(path) cannot be opened")
    }
    defer { fclose(file) }
    var length = UInt64(header.count).littleEndian
    fwrite(&length, 8, 1, file)
    fwrite(header, 1, header.count, file)
    numbers.withUnsafeBytes { _ = fwrite($0.baseAddress, 1, $0.count, file) }
  }
}
