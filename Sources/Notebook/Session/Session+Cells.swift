import Engine
import Events
import Options

/// Cells: text that is read and run, and what is said when it fails.
extension Session {
  /// Verbs, names and makers, for the parser and for completion.
  public var vocabulary: Vocabulary { vocabulary(prefixes: true) }

  /// The same; in files only full verbs count, so that a later verb cannot change what a file means.
  func vocabulary(prefixes: Bool) -> Vocabulary {
    Vocabulary(
      verbs: (commands + Commands.makers).map { $0.card.name }, names: Set(boundNames),
      makers: Commands.makers.map { $0.card.name },
      prefixes: prefixes)
  }

  /// Runs a cell; true if all of it ran. What failed changed nothing, what ran before it in the cell stands.
  @discardableResult
  public func execute(_ text: String) -> Bool {
    let source = Transcript.strip(letters[text] ?? text)
    return execute(source) { try self.run(Parser.parse(source, self.vocabulary)) }
  }

  /// Runs a cell of a file; an error names the file and the line.
  @discardableResult
  public func execute(_ cell: SourceCell, of file: String) -> Bool {
    execute(cell.text) { try self.run(cell, of: file) }
  }

  private func execute(_ source: String, _ body: () throws -> Void) -> Bool {
    if startsUninterrupted { interrupt.reset() }
    beginCell()
    suggestion = nil
    isCut = false
    defer { for call in afterCell { call(self) } }
    do {
      try body()
      if isCut { observer(.note(Note(StyledText(phrase("rest not run"))))) }
      return true
    } catch {
      report(error, source)
      return false
    }
  }

  /// The next number, and the next group that `undo` takes back as one.
  func beginCell() {
    cell += 1
    group += 1
  }

  /// Runs lines inside the cell that is running: what lessons and batch files do. Throws the first failure.
  public func perform(_ text: String) throws { try run(Parser.parse(text, vocabulary)) }

  /// Goes back to the empty session, with a seed; what was done stays on the tape.
  public func startOver(seed: UInt64) throws {
    try move(to: 0)
    guard self.seed != seed else { return }
    self.seed = seed
    record("set seed=\(seed)", Done())  // what is made next depends on it
  }

  private func report(_ error: any Error, _ source: String) {
    if case EngineError.interrupted = error {
      observer(.note(Note("stopped; the step that was running is rolled back", .note)))
      return
    }
    if let located = error as? SourceFailure {
      observer(.error(FailureView(located.failure, source: located.source)))
      return
    }
    let failure = (error as? Failure) ?? Failure("\(error)")
    observer(.error(FailureView(failure, source: source)))
    guard let place = failure.place, failure.cure.hasPrefix("Did you mean “") else { return }
    let word = failure.cure.dropFirst("Did you mean “".count).prefix { $0 != "”" }
    let bytes = Array(source.utf8)
    guard place.upperBound <= bytes.count else { return }
    suggestion = String(
      decoding: bytes[..<place.lowerBound] + Array(word.utf8) + bytes[place.upperBound...], as: UTF8.self)
  }

  /// Whether something that was to run now must not, because of Ctrl-C.
  var isStopped: Bool {
    isCut = isCut || interrupt.isRaised
    return isCut
  }
}
