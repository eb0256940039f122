import Data
import Engine
import Foundation
import Networks
import Training

/// What Scripts/golden_models.py wrote: a tiny GPT-2 and what PyTorch, transformers and peft make of it.
enum GoldenGPT {
  struct Numbers: Decodable {
    var shape: [Int]
    var values: [Float]
    func tensor() throws -> Tensor { try Tensor(shape, values) }
  }
  struct Base: Decodable {
    var config: [String: Float]
    var weights: [String: Numbers]
  }
  struct Forward: Decodable {
    var rows: [[Int]], labels: [[Int]], greedy: [[Int]]
    var logits: Numbers, loss: Float
    var gradients: [String: Numbers]
  }
  struct Run: Decodable {
    var losses: [Float], norms: [Float]
    var weights: [String: Numbers]
  }
  struct LowRank: Decodable {
    var factors: [String: Numbers], gradients: [String: Numbers], merged: [String: Numbers]
    var logits: Numbers, loss: Float
    var losses: [Float]?, norms: [Float]?
  }
  struct Prompted: Decodable {
    var rows: [[Int]]?, labels: [[Int]]?
    var logits: Numbers, gradient: Numbers, loss: Float
  }
  struct Prompts: Decodable {
    var P: Numbers
    var peft: Prompted, padded: Prompted
  }
  struct Schedules: Decodable {
    var warmup: Int, total: Int
    var linear: [Float], cosine: [Float]
  }

  /// Reads one of the files.
  static func read<T: Decodable>(_ name: String, as type: T.Type = T.self) throws -> T {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../Golden/gpt2-tiny/\(name).json").standardizedFileURL
    return try JSONDecoder().decode(T.self, from: Foundation.Data(contentsOf: file))
  }

  /// The model with the file's weights, found by Hugging Face's names and turned where they lie the other way.
  static func model() throws -> Model {
    Threads.shared.count = 1
    let base: Base = try read("model")
    func size(_ key: String) -> Int { Int(base.config[key] ?? 0) }
    var form = GPT.Form()
    (form.vocabulary, form.context, form.width) = (size("vocab_size"), size("n_positions"), size("n_embd"))
    (form.layers, form.heads) = (size("n_layer"), size("n_head"))
    form.epsilon = base.config["layer_norm_epsilon"] ?? 0
    return try GPT.model(form, chance: Chance(seed: 0)) { name, _ in
      guard let foreign = foreignName(name) else { return nil }
      return try? base.weights[foreign].map { try turned($0, name) }
    }
  }

  /// The batch of the files: rows padded on the left.
  static func batch() throws -> Batch {
    let facts: Forward = try read("forward")
    return try batch(facts.rows, facts.labels)
  }

  static func batch(_ rows: [[Int]], _ labels: [[Int]]) throws -> Batch {
    try Batch(zip(rows, labels).map { try Example(ids: $0, labels: $1) }, pad: 0)
  }

  /// `blocks.0.attn.qkv.weight` → `transformer.h.0.attn.c_attn.weight`
  static func foreignName(_ name: String) -> String? {
    guard let dot = name.lastIndex(of: ".") else { return nil }
    return GPT.architecture.foreignSite(String(name[..<dot])).map { $0 + name[dot...] }
  }

  /// Numbers in our orientation: GPT-2's matrices lie as [in, out].
  static func turned(_ numbers: Numbers, _ name: String) throws -> Tensor {
    let module = name.split(separator: ".").dropLast().joined(separator: ".")
    let isTurned = GPT.architecture.row(module)?.isTransposed == true && numbers.shape.count == 2
    return isTurned ? try numbers.tensor().transposed() : try numbers.tensor()
  }

  /// The largest difference over the batch's real tokens.
  static func difference(_ logits: Tensor, _ golden: Numbers, _ batch: Batch) throws -> Float {
    let width = logits.width, ours = logits.scalars
    var most: Float = 0
    for (i, keep) in batch.keep.joined().enumerated() where keep == 1 {
      for j in i * width..<(i + 1) * width { most = max(most, abs(ours[j] - golden.values[j])) }
    }
    return ours.count == golden.values.count ? most : .infinity
  }

  static func input(_ batch: Batch) -> Input { Input(batch.ids, mask: batch.keep.map { $0.map(UInt8.init) }) }
}
