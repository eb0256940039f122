import Data
import Engine
import FileSystem
import Formats
import Networks
import Options

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A base on the disk as bf16, opened again: what will be used is what is measured.
struct Written {
  let path: String
  /// The model as the folder has it.
  let reopened: Model
  /// Bytes of the file of weights.
  let size: Int

  init(_ model: Model, _ tokenizer: (any Tokenizer)? = nil, to path: String) throws {
    self.path = path
    try DiskFiles().makeFolders(Path.parent(of: path))
    try BaseFolder.write(model, tokenizer: tokenizer, to: path, as: .bf16)
    let base = try BaseFolder(path, chance: Chance(seed: 1))
    guard base.tokenizer?.name == tokenizer?.name else { throw Failure("\(path) lost its tokenizer.") }
    reopened = base.model
    size = try DiskFiles().size(of: path + "/model.safetensors")
    guard size < 3_000_000 else { throw Failure("\(path): \(size) bytes of weights are too many.") }
    say("  wrote \(path): \(size) bytes of weights")
  }

  /// Writes the card beside the weights.
  func describe(_ card: String) throws { try DiskFiles().write(path + "/README.md", text: card) }
}

/// A line at once, so that a log can be watched.
func say(_ line: String) {
  print(line)
  fflush(nil)
}

/// A number with four digits after the point.
func shown(_ x: Double) -> String {
  let scaled = Int(x * 10_000 + 0.5), digits = String(scaled % 10_000)
  return "\(scaled / 10_000).\(String(repeating: "0", count: 4 - digits.count))\(digits)"
}

/// A hash of all weights, to compare two trainings on one machine.
func fingerprint(_ model: Model) -> String {
  String(model.directory.parameters.reduce(0) { $1.value.hash($0) }, radix: 16)
}
