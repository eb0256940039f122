import Data
import Engine
import Events
import FileSystem
import Formats
import Methods
import Networks
import Options

/// `save`: the session, an adapter, or a model, as files.
public struct SaveCommand: Command {
  /// What it says of itself.
  public static let card = Card(
    "save", "Saves the session exactly as it is; or an attachment, or the model, in Hugging Face's form.",
    use:
      "A session holds everything: models, moments, tape, branches. adapter and model are for Python's peft and transformers.",
    examples: [
      "save", "save work", "save adapter adapters/tweets", "save adapter adapters/tweets as=lora",
      "save model models/mine dtype=bf16",
    ],
    notes: [
      "Whatever happens while it is written, the old file or the new one is there, never half of one.",
      "Adapters go to peft's files, bottleneck adapters to those of the adapters library; what neither has a form for",
      "goes to files of our own.",
      "Adapters and models are read back at once; the largest difference of logits is shown.",
      "Data are not stored: load runs the line that set them.",
    ])

  /// How numbers of a model are written.
  public var dtype = Dtype.f32
  /// For a model: with what is attached folded into the weights.
  public var merged = false
  /// For an adapter: the method to write it as.
  public var `as` = Form.own
  /// For an adapter: in Graft's own files, which hold whatever it trained.
  public var own = false
  /// What was typed.
  public var call = Call()

  /// The method that an adapter is written as.
  public enum Form: String, CaseIterable { case own, lora }

  /// Number formats of a model's file.
  public enum Dtype: String, CaseIterable { case f32, bf16, f16 }

  /// Its options.
  public static var options: [Option<SaveCommand>] {
    [
      Option("dtype", \.dtype, "for a model: how its numbers are written"),
      Option("merged", \.merged, "for a model: fold what is attached into what is written"),
      Option("as", \.`as`, "for an adapter: lora writes it as a plain LoRA with the same effect"),
      Option("own", \.own, "for an adapter: Graft's own files, which hold all that it trained"),
    ]
  }
  /// A file; or what, and where.
  public static var takes: Takes {
    Takes("[FILE | adapter FOLDER [NAME] | model FOLDER]", 0...3, isPath: true) { before, session in
      before.isEmpty
        ? ["adapter", "model"] : before[0] == "adapter" && before.count == 2 ? session.attachmentNames : []
    }
  }

  /// The session, under its last name.
  public init() {}

  /// Saves it and says what was written.
  public func run(_ session: Session) throws -> Done {
    do {
      switch (call.text(0), call.words.count) {
      case ("adapter", 2...3): try adapter(session)
      case ("model", 2): try model(session)
      case ("adapter", _), ("model", _):
        let what = call.text(0) ?? ""
        throw Failure(
          "save \(what) needs a folder.", cure: "save \(what) FOLDER; a session of that name: save ./\(what)")
      case (_, 0...1): try wholeSession(session)
      default:
        throw Failure(
          "save takes one file.", cure: "A name with blanks stands in double quotes", place: call.places[1])
      }
    } catch let failure as Failure { throw failure.at(call.places.last) }
    session.writtenAt.insert(session.timeline.head)
    return .unrecorded
  }

  // MARK: The session

  private func wholeSession(_ session: Session) throws {
    let files = session.surroundings.files
    let path = Self.sessionPath(call.text(0).map(session.path) ?? session.fileName ?? "session")
    if case .file? = try files.kind(at: path), !Self.isSession(path, files) {
      throw Failure("\(path) is there and is no session.", cure: "Choose another name")
    }
    let written = try SessionFileText.write(session)
    try SessionFile.write(text: written.text, tensors: written.parts, to: path, files: files)
    session.fileName = path
    session.isUnsaved = false
    session.journal?(Journal.mark)
    session.journal?("load " + Syntax.spelling(of: .text(session.surroundings.absolute(path))))
    let entries = session.timeline.entries.count - 1
    session.say("saved as " + .code(path) + StyledText("   " + bytes(try files.size(of: path))))
    session.say(
      .dim(
        "\(counted(session.models.count, "model")), \(counted(entries, "entry")) of the tape; load \(path) comes back here"
      ))
  }

  /// A session's file has an ending of its own.
  static func sessionPath(_ path: String) -> String {
    path.hasSuffix(SessionFile.ending) ? path : path + SessionFile.ending
  }

  private static func isSession(_ path: String, _ files: any Files) -> Bool {
    (try? Safetensors(path, files: files)).map(SessionFile.isSession) ?? false
  }

  // MARK: Adapters and models

  private func adapter(_ session: Session) throws {
    let subject = try session.current(), path = session.path(call.text(1) ?? "")
    let attachment = try subject.attachment(call.text(2), at: call.places.last),
      files = session.surroundings.files
    try files.makeFolders(Path.parent(of: path))
    let written = try write(attachment, of: subject.model, to: path, files)
    let mine = try RoundTrip.copy(subject.model)
    try RoundTrip.attach(attachment, of: subject.model, to: mine)
    let read = try RoundTrip.copy(subject.model)
    let loaded = try AdapterFiles.read(path, onto: read, name: attachment.name, files: files)
    session.say(
      "\(attachment.name) as \(written.library)'s \(written.type) in " + .code(path)
        + StyledText("   \(counted(written.tensors.count, "tensor")), \(bytes(written.bytes))"))
    try say(RoundTrip.difference(mine, read), session)
    for note in written.notes + loaded.report.notes { session.emit(.note(Note(StyledText(note)))) }
    if let warning = loaded.report.warning { session.emit(.warning(StyledText(warning))) }
  }

  private func write(
    _ attachment: Attachment, of model: Model, to path: String, _ files: any Files
  ) throws -> AdapterFiles.Written {
    guard `as` == .lora, !(attachment.method is LoRA) else {
      return try AdapterFiles.write(attachment, of: model, to: path, isOwn: own, files: files)
    }
    // On the model for as long as it takes to write it.
    let lora = try LoRA.equal(to: attachment, on: model, name: attachment.name + ".lora")
    let result = Result { try AdapterFiles.write(lora, of: model, to: path, files: files) }
    try lora.detach(from: model)
    return try result.get()
  }

  private func model(_ session: Session) throws {
    let subject = try session.current(), path = session.path(call.text(1) ?? ""),
      files = session.surroundings.files
    try files.makeFolders(Path.parent(of: path))
    let format = Storage.Format(rawValue: dtype.rawValue) ?? .f32
    let written = try BaseFolder.write(
      subject.model, tokenizer: subject.tokenizer, to: path, as: format, merged: merged, files: files)
    session.say(
      "\(subject.name) in " + .code(path)
        + StyledText("   \(counted(written.tensors, "tensor")) as \(dtype.rawValue), \(bytes(written.bytes))")
    )
    session.say(.dim(written.names.joined(separator: "   ")))
    for note in written.notes { session.emit(.note(Note(StyledText(note)))) }
    let need = 4 * subject.model.baseCount
    guard need < session.surroundings.memory / 3 else {
      return session.say(.dim("not read back: it would take \(bytes(need)) more memory"))
    }
    let read = try BaseFolder(path, chance: session.chance, files: files)
    try say(RoundTrip.difference(subject.model, read.model), session)
  }

  private func say(_ difference: Float, _ session: Session) {
    session.say(
      "round trip " + .strong(formatted(difference)) + .dim("   the largest difference of logits, read back"))
  }
}

/// `1 tensor`, `2 entries`.
func counted(_ n: Int, _ name: String) -> String {
  guard n != 1 else { return "1 \(name)" }
  return grouped(n) + " " + (name.hasSuffix("y") ? name.dropLast() + "ies" : name + "s")
}
