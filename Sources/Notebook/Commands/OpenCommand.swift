import Data
import Engine
import Events
import Formats
import Networks
import Options

/// `open`: a base model from a Hugging Face folder.
public struct OpenCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "open",
    "Opens a base model: a folder as transformers writes it, a GGUF file, a model that get fetched, or org/name.",
    use:
      "GPT-2, Llama (Mistral, Qwen2, Qwen3, Gemma, SmolLM), BLOOM, BERT, ViT, DINOv2. An adapter's folder is opened by load, onto the base that is there.",
    examples: [
      "let g = open models/gpt2", "let s = open smollm2", "let q = open model.gguf",
      "let b = open models/bert classes=3", "open config.json weights=none",
      "let t = open minilm each=token classes=5", "let v = open vit classes=10 size=56",
    ],
    notes: [
      "The weights become 32-bit floats in memory; keep=bf16 keeps matrices in half of that.",
      "org/name is looked for in the cache of Hugging Face's libraries (HF_HOME); nothing is downloaded.",
      "weights=none makes a model of its configuration alone: shapes, counts and attach, at no memory.",
      "weights=random draws the numbers; with either, config.json can be named instead of its folder.",
      "size=56 makes a vision model read smaller or larger pictures: its table of positions is resampled, as a picture is.",
      "Pickles (pytorch_model.bin) are refused: opening one runs whatever program stands in it.",
    ], changes: true)

  /// Where the weights come from.
  public enum Weights: String, CaseIterable, Sendable { case file, none, random }

  /// Where the weights come from.
  public var weights = Weights.file
  /// Classes of a new head; 0: the model keeps the head of its file.
  public var classes = 0
  /// What a new head answers.
  public var each = BERT.Form.Each.text
  /// Pixels a side that a vision model shall read; 0: as its file says.
  public var size = 0
  /// How the numbers of matrices are kept in memory.
  public enum Keep: String, CaseIterable, Sendable {
    case f32, bf16, f16

    var format: Storage.Format {
      switch self {
      case .f32: return .f32
      case .bf16: return .bf16
      case .f16: return .f16
      }
    }
  }

  /// How matrices are kept.
  public var keep = Keep.f32
  /// What was typed.
  public var call = Call()

  /// Its options.
  public static var options: [Option<OpenCommand>] {
    [
      Option("weights", \.weights, "those of the file, none (shapes only), or random ones"),
      Option(
        "classes", \.classes, "a new head that answers with so many classes; 0 keeps the file's",
        in: 0...100_000),
      Option("each", \.each, "what a new head answers: the text as a whole, or each token (BERT)"),
      Option("size", \.size, "for vision: pixels a side of a picture; 0 keeps the file's", in: 0...4096),
      Option("keep", \.keep, "how matrices are kept in memory; computed with is always 32 bits"),
    ]
  }
  /// The folder.
  public static var takes: Takes { Takes("FOLDER", 1...1, isPath: true) }

  /// No folder yet.
  public init() {}

  /// States the memory, opens it, binds it.
  public func run(_ session: Session) throws -> Done {
    let typed = call.text(0) ?? "", files = session.surroundings.files
    let name = call.boundName ?? "m", head = newHead
    do {
      let place = try OpenedPlace(typed, session), path = place.path
      if let note = place.note { session.say(.dim(note)) }
      guard weights == .file else {
        guard size == 0 else {
          throw Failure(
            "size=\(size) resamples a file's weights.", cure: "Leave out weights=, or change config.json")
        }
        try outline(path, as: name, origin: "open \(typed) weights=\(weights.rawValue)", session)
        return Done()
      }
      let need = try BaseFolder.footprint(path, head: head, keep: keep.format, files: files)
      try session.surroundings.check(
        bytes: need.bytes, for: "a model of \(grouped(need.parameters)) parameters")
      session.say(
        .dim(
          "\(grouped(need.parameters)) parameters: \(bytes(need.bytes)) in memory, \(bytes(need.fileBytes)) on disk"
        ))
      let base = try BaseFolder(
        path, head: head, size: size > 0 ? size : nil, keep: keep.format, chance: session.chance,
        files: files)
      let words = base.tokenizer ?? Session.plainTokenizer(of: base.model)
      let origin = "open \(typed)" + (size > 0 ? " size=\(size)" : "")
      let subject = Subject(name, base.model, words, origin: origin)
      session.bind(subject)
      session.say(.strong(name) + "  " + StyledText(subject.summary))
      show(base.report, subject, session)
    } catch let failure as Failure { throw failure.at(call.places.first) }
    return Done()
  }

  private var newHead: NewHead? {
    classes > 0 || each == .token ? NewHead(classes, isOfTokens: each == .token) : nil
  }

  /// A model of its configuration alone.
  private func outline(_ path: String, as name: String, origin: String, _ session: Session) throws {
    let files = session.surroundings.files, head = newHead
    if weights == .random {
      let count = try BaseOutline.count(path, head: head, files: files)
      try session.surroundings.check(bytes: 4 * count, for: "a model of \(grouped(count)) parameters")
    }
    let base = try BaseOutline(
      path, weights: weights == .random ? .random : .none, head: head, chance: session.chance,
      files: files)
    let words = base.tokenizer ?? Session.plainTokenizer(of: base.model)
    let subject = Subject(name, base.model, words, origin: origin)
    session.bind(subject)
    session.say(.strong(name) + "  " + StyledText(subject.summary))
    session.say(
      .dim(
        weights == .random
          ? "random weights (seed \(session.seed)): it knows nothing yet"
          : "shapes only: they take no memory, and it cannot run"))
    for note in base.notes { session.emit(.note(Note(StyledText(note)))) }
  }

  private func show(_ report: BaseFolder.Report, _ subject: Subject, _ session: Session) {
    let formats = report.formats.joined(separator: " ")
    var line = "\(grouped(report.tensors)) tensors read (\(formats)), every one that the model asks for"
    if !report.ignored.isEmpty { line += "; \(report.ignored.count) known but not needed" }
    session.say(.dim(line))
    if subject.model.network.reads == .tokens {
      session.say(.dim("text becomes tokens by \(subject.tokenizer.name)"))
    }
    if !report.unknown.isEmpty {
      let names = report.unknown.prefix(3).joined(separator: " ") + (report.unknown.count > 3 ? " …" : "")
      session.emit(
        .note(Note("\(report.unknown.count) tensors of the file have no place here: \(names)", .warning)))
    }
    for note in report.notes { session.emit(.note(Note(StyledText(note)))) }
  }
}
