import FileSystem
import Options

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How rotary positions are stretched in a GGUF file, as `rope_scaling` of `config.json` would say it.
enum GGUFRotary {
  /// The scaling; nil where there is none. Throws for one that Graft does not compute.
  static func scaling(_ file: GGUF, _ type: String, _ config: JSON.Object) throws -> JSON? {
    let kind = file.facts[type + ".rope.scaling.type"]?.asText ?? "none"
    let factor = file.facts[type + ".rope.scaling.factor"]?.asNumber
    if let entry = file["rope_freqs.weight"] {
      return try llama3(file.tensor(entry).scalars, config, file.path)
    }
    switch kind {
    case "none": return nil
    case "linear": return ["rope_type": "linear", "factor": .number(factor ?? 1)]
    case "yarn":
      let length = file.facts[type + ".rope.scaling.original_context_length"]?.asInteger
      return [
        "rope_type": "yarn", "factor": .number(factor ?? 1),
        "original_max_position_embeddings": length.map { .integer($0) } ?? .null,
      ]
    default:
      throw Failure(
        "\(shown(file.path)): \(type).rope.scaling.type is \(shown(kind)), which Graft does not compute.",
        cure: "Open a model where it is none, linear or yarn.")
    }
  }

  /// Llama 3's stretching, of which the file holds only each frequency's divisor.
  private static func llama3(_ divisors: [Float], _ config: JSON.Object, _ path: String) throws -> JSON {
    let theta = config["rope_theta"]?.asNumber ?? 10_000, factor = Double(divisors.max() ?? 1)
    let (low, high, length) = (1.0, 4.0, 8192.0)
    for (i, divisor) in divisors.enumerated() {
      let frequency = pow(theta, -Double(i) / Double(divisors.count)), wave = 2 * Double.pi / frequency
      let smooth = min(max((length / wave - low) / (high - low), 0), 1)
      let wanted = 1 / ((1 - smooth) / factor + smooth)
      guard abs(Double(divisor) - wanted) <= 1e-3 * wanted else {
        throw Failure(
          "\(shown(path)): rope_freqs.weight stretches positions in a way that Graft does not compute.",
          cure: "Open the model's Hugging Face folder instead.")
      }
    }
    return [
      "rope_type": "llama3", "factor": .number(factor), "low_freq_factor": .number(low),
      "high_freq_factor": .number(high), "original_max_position_embeddings": .integer(Int(length)),
    ]
  }
}
