import FileSystem
import Options

/// How GGUF writes the models of an architecture: its names, and the keys of its sizes.
struct GGUFNames: Sendable {
  /// Its word under `general.architecture`.
  let type: String
  /// Hugging Face's `model_type`.
  let modelType: String
  /// Whether the rows of q and k stand interleaved, pair by pair, where Hugging Face has two halves a head.
  let isInterleaved: Bool

  /// The architectures whose GGUF files are opened; a new one is a line here.
  static let all = [
    GGUFNames(type: "llama", modelType: "llama", isInterleaved: true),
    GGUFNames(type: "qwen2", modelType: "qwen2", isInterleaved: false),
    GGUFNames(type: "qwen3", modelType: "qwen3", isInterleaved: false),
  ]

  /// Names of modules: Hugging Face's, and GGUF's; `*` stands for the number of a block.
  private static let modules: [(foreign: String, own: String)] = [
    ("model.embed_tokens", "token_embd"), ("model.norm", "output_norm"), ("lm_head", "output"),
    ("model.layers.*.input_layernorm", "blk.*.attn_norm"),
    ("model.layers.*.post_attention_layernorm", "blk.*.ffn_norm"),
    ("model.layers.*.self_attn.q_proj", "blk.*.attn_q"), ("model.layers.*.self_attn.k_proj", "blk.*.attn_k"),
    ("model.layers.*.self_attn.v_proj", "blk.*.attn_v"),
    ("model.layers.*.self_attn.o_proj", "blk.*.attn_output"),
    ("model.layers.*.self_attn.q_norm", "blk.*.attn_q_norm"),
    ("model.layers.*.self_attn.k_norm", "blk.*.attn_k_norm"),
    ("model.layers.*.mlp.gate_proj", "blk.*.ffn_gate"), ("model.layers.*.mlp.up_proj", "blk.*.ffn_up"),
    ("model.layers.*.mlp.down_proj", "blk.*.ffn_down"),
  ]

  /// GGUF's name of a tensor by Hugging Face's: `blk.0.attn_q.weight`.
  static func own(_ foreign: String) -> String? {
    let parts = foreign.split(separator: ".").map(String.init)
    guard parts.count >= 2, let leaf = parts.last else { return nil }
    let number = parts.count > 2 && parts[1] == "layers" ? parts[2] : ""
    let module = parts.dropLast().enumerated().map { !number.isEmpty && $0 == 2 ? "*" : $1 }.joined(
      separator: ".")
    guard let row = modules.first(where: { $0.foreign == module }) else { return nil }
    return row.own.replacing("*", with: number) + "." + leaf
  }

  /// Heads whose rows stand interleaved in a tensor of a name; nil: none do.
  func heads(_ foreign: String, _ config: JSON.Object) -> Int? {
    guard isInterleaved else { return nil }
    if foreign.contains(".q_proj.") { return config["num_attention_heads"]?.asInteger }
    return foreign.contains(".k_proj.") ? config["num_key_value_heads"]?.asInteger : nil
  }

  /// The architecture of a file; throws with the nearest known one.
  static func of(_ file: GGUF) throws -> GGUFNames {
    guard let type = file.facts["general.architecture"]?.asText else {
      throw Failure(
        "\(shown(file.path)) does not say its general.architecture.", cure: "Fetch the file again.")
    }
    if let known = all.first(where: { $0.type == type }) { return known }
    let failure = unknown("architecture", type, among: all.map(\.type), of: "a GGUF file that Graft opens")
    throw Failure(
      failure.what,
      cure: failure.cure.isEmpty ? "Open the model's Hugging Face folder instead." : failure.cure,
      details: failure.details)
  }

  /// What `config.json` would say.
  func config(_ file: GGUF) throws -> JSON.Object {
    var config: JSON.Object = ["model_type": .string(modelType)]
    let keys = [
      ("block_count", "num_hidden_layers"), ("embedding_length", "hidden_size"),
      ("feed_forward_length", "intermediate_size"), ("attention.head_count", "num_attention_heads"),
      ("attention.head_count_kv", "num_key_value_heads"), ("context_length", "max_position_embeddings"),
      ("attention.key_length", "head_dim"), ("rope.freq_base", "rope_theta"),
      ("attention.layer_norm_rms_epsilon", "rms_norm_eps"),
    ]
    for (own, foreign) in keys {
      guard let value = file.facts[type + "." + own] else { continue }
      if let n = value.asInteger {
        config[foreign] = .integer(n)
      } else if let x = value.asNumber {
        // Written as 32 bits: the shortest decimal of those is what was meant.
        config[foreign] = .number(Double("\(Float(x))") ?? x)
      } else {
        throw Failure("\(shown(file.path)): \(type).\(own) is no number.", cure: "Fetch the file again.")
      }
    }
    for key in ["num_hidden_layers", "hidden_size", "intermediate_size", "num_attention_heads"]
    where config[key] == nil {
      throw Failure("\(shown(file.path)) does not say its \(key).", cure: "Fetch the file again.")
    }
    if config["num_key_value_heads"] == nil { config["num_key_value_heads"] = config["num_attention_heads"] }
    let rows = file["token_embd.weight"]?.shape.first
    config["vocab_size"] = rows.map { .integer($0) }
    config["tie_word_embeddings"] = .bool(file["output.weight"] == nil)
    config["eos_token_id"] = file.facts["tokenizer.ggml.eos_token_id"]?.asInteger.map { .integer($0) }
    if let scaling = try GGUFRotary.scaling(file, type, config) { config["rope_scaling"] = scaling }
    return config
  }
}
