import FileSystem
import Options

/// What a file is by its first bytes, for the formats that are met in place of safetensors.
public enum FileSignature: Sendable, Equatable {
  /// A pickle, alone or in the zip archive that `torch.save` writes: reading it can run code.
  case pickle
  /// The GGUF format of llama.cpp.
  case gguf
  /// A few lines of text that stand for a file which Git LFS has not fetched.
  case gitLFSPointer
  /// A web page, usually an error page saved under the file's name.
  case webPage
  /// None of these; it may be safetensors.
  case other

  /// Looks at the first bytes.
  public init(_ bytes: UnsafeRawBufferPointer) {
    func begins(_ text: String) -> Bool { bytes.prefix(text.utf8.count).elementsEqual(text.utf8) }
    let start = bytes.prefix(2)
    if start.count == 2, start[0] == 0x80, (1...5).contains(start[1]), !FileSignature.isHeaderLength(bytes) {
      self = .pickle
    } else if begins("PK\u{3}\u{4}") || begins("PK\u{5}\u{6}") {
      self = .pickle
    } else if begins("GGUF") {
      self = .gguf
    } else if begins("version https://git-lfs") {
      self = .gitLFSPointer
    } else if begins("<!DOCTYPE") || begins("<!doctype") || begins("<html") || begins("<?xml") {
      self = .webPage
    } else {
      self = .other
    }
  }

  /// Whether the bytes begin as safetensors do: a length, then an opening brace. (A length can look like a
  /// pickle.)
  private static func isHeaderLength(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard bytes.count >= 9, bytes[8] == UInt8(ascii: "{") else { return false }
    let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
    return length <= UInt64(Safetensors.headerLimit) && length <= UInt64(bytes.count - 8)
  }

  /// The error for opening such a file, with the way out; nil for `other`.
  public func refusal(of path: String) -> Failure? {
    switch self {
    case .pickle: return Pickle.refusal(of: path)
    case .gguf:
      return Failure(
        "\(shown(path)) is a GGUF file under another name.", cure: "Give it a name that ends in .gguf.")
    case .gitLFSPointer:
      return Failure(
        "\(shown(path)) is only a Git LFS pointer, not the weights.",
        cure: "Run “git lfs pull” in its folder.")
    case .webPage:
      return Failure(
        "\(shown(path)) is a web page, not weights.", cure: "Download it again; it may need a login.")
    case .other: return nil
    }
  }
}

/// Python's pickles, which PyTorch used for weights: they are never read.
public enum Pickle {
  /// Endings of names that PyTorch gives to pickles.
  public static let endings = [".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle"]

  /// Whether a file's name says that it is a pickle.
  public static func isNamed(_ name: String) -> Bool { endings.contains { name.hasSuffix($0) } }

  /// The error for opening one: why not, and how to turn it into safetensors.
  public static func refusal(of path: String) -> Failure {
    let isAdapter = Path.last(of: path).hasPrefix("adapter")
    let way =
      isAdapter
      ? "PeftModel.from_pretrained(base, FOLDER).save_pretrained(NEW)  # with peft"
      : "AutoModel.from_pretrained(FOLDER).save_pretrained(NEW)  # with transformers"
    return Failure(
      "\(shown(path)) is a pickle: reading one can run any code that its maker put in, so Graft never does.",
      cure: "If you trust it, turn it into safetensors in Python and open that.",
      details: [
        "from safetensors.torch import save_file; "
          + "save_file(torch.load(FILE, weights_only=True), \"model.safetensors\", {\"format\": \"pt\"})",
        "or: " + way,
      ])
  }
}
