import Engine
import FileSystem
import Networks
import Options

/// `quantization_config` of `config.json`, as transformers writes it for bitsandbytes.
enum FourBitConfig {
  /// Takes the key out of a configuration; throws for every way of quantising but bitsandbytes' four bits. Gives
  /// whether products round to bfloat16, or nil where nothing is quantised.
  static func take(from config: inout JSON.Object, path: String) throws -> Bool? {
    guard let value = config["quantization_config"], value != .null else { return nil }
    config["quantization_config"] = nil
    let method = value["quant_method"]?.asString ?? "none"
    guard method == "bitsandbytes", value["load_in_4bit"]?.asBool == true else {
      throw Failure(
        "\(shown(path)): quantization_config is of the method \(shown(method))"
          + (method == "bitsandbytes" ? " in 8 bits" : "") + ", which Graft does not read.",
        cure: "Open the model's own weights, and type: quantize")
    }
    guard value["bnb_4bit_quant_storage"]?.asString ?? "uint8" == "uint8" else {
      throw Failure(
        "\(shown(path)): the codes are not stored as uint8.", cure: "Save the model again with it.")
    }
    return value["bnb_4bit_compute_dtype"]?.asString == "bfloat16"
  }

  /// The key for a model; nil where no weight is packed. Throws for what bitsandbytes cannot hold.
  static func of(_ model: Model) throws -> JSON? {
    let forms = Set(model.packed.compactMap { $0.value.packing?.form })
    guard let form = forms.first else { return nil }
    guard forms.count == 1 else {
      throw Failure("the weights are packed in different ways, and config.json has room for one.")
    }
    guard [.nf4, .fp4].contains(form.code), form.block >= 32 else {
      throw Failure(
        "bitsandbytes has no \(form.code.rawValue) in blocks of \(form.block).",
        cure: "It has nf4 and fp4 in blocks from 32; a session keeps any: save FILE")
    }
    let skipped = model.sites.filter { $0.kind == .linear && $0.weight?.value.packing == nil }
    let isUsual = model.packable.allSatisfy { $0.value.packing != nil }
    return [
      "quant_method": "bitsandbytes", "load_in_4bit": true, "load_in_8bit": false,
      "bnb_4bit_quant_type": .string(form.code.rawValue), "bnb_4bit_use_double_quant": .bool(form.double),
      "bnb_4bit_compute_dtype": .string(form.rounds ? "bfloat16" : "float32"),
      "bnb_4bit_quant_storage": "uint8",
      "llm_int8_skip_modules": isUsual
        ? .null : .array(skipped.compactMap(\.foreignName).map { .string($0) }),
    ]
  }
}
