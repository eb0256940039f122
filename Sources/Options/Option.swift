/// One row of a table of options: from it come parsing, help, completion, documentation and saving.
///
///     static var options: [Option<LoRA>] {
///       [Option("r", \.r, "rank of the change", in: 1...4096), Option("alpha", \.alpha, "strength")]
///     }
///
/// The key path is erased into `read` and `write`, so rows of any type can be handled alike.
public struct Option<Owner> {
  /// What may be typed, for completion and for the message when something else was typed.
  public enum Kind: Sendable, Equatable {
    case integer, number, flag, text, integers, texts
    /// One of these words.
    case word([String])
    /// Patterns of site names of the live model.
    case sites
    /// Patterns of site names with a number each.
    case siteNumbers
    /// A path on disk.
    case path
  }

  /// The name before the `=`.
  public let name: String
  /// What it is, with its unit, in a few words.
  public let help: String
  /// What may be typed.
  public let kind: Kind
  /// The present value.
  public let read: (Owner) -> OptionValue
  /// Sets the value; throws a `Failure` that names the option, the value and what is allowed.
  public let write: (inout Owner, OptionValue) throws -> Void

  /// A row from its parts; the initialisers below serve nearly all cases.
  public init(
    name: String, help: String, kind: Kind, read: @escaping (Owner) -> OptionValue,
    write: @escaping (inout Owner, OptionValue) throws -> Void
  ) {
    self.name = name
    self.help = help
    self.kind = kind
    self.read = read
    self.write = write
  }
}

extension Option {
  /// A whole number within a range.
  public init(
    _ name: String, _ path: WritableKeyPath<Owner, Int>, _ help: String,
    in allowed: ClosedRange<Int> = 0...Int.max
  ) {
    self.init(name: name, help: help, kind: .integer, read: { .integer($0[keyPath: path]) }) { owner, value in
      guard let n = value.asInteger else { throw Option.wrong(name, value, "a whole number", help) }
      guard allowed.contains(n) else { throw Option.wrong(name, value, Option.span(allowed), help) }
      owner[keyPath: path] = n
    }
  }

  /// A number within a range.
  public init(
    _ name: String, _ path: WritableKeyPath<Owner, Float>, _ help: String,
    in allowed: ClosedRange<Float> = -Float.greatestFiniteMagnitude...Float.greatestFiniteMagnitude
  ) {
    self.init(
      name: name, help: help, kind: .number,
      read: { Double("\($0[keyPath: path])").map(OptionValue.number) ?? .number(Double($0[keyPath: path])) }
    ) { owner, value in
      guard let x = value.asNumber, x.isFinite else { throw Option.wrong(name, value, "a number", help) }
      guard allowed.contains(Float(x)) else { throw Option.wrong(name, value, Option.span(allowed), help) }
      owner[keyPath: path] = Float(x)
    }
  }

  /// A switch: `yes` or `no`; the bare name means yes.
  public init(_ name: String, _ path: WritableKeyPath<Owner, Bool>, _ help: String) {
    self.init(name: name, help: help, kind: .flag, read: { .flag($0[keyPath: path]) }) { owner, value in
      guard let on = value.asFlag else { throw Option.wrong(name, value, "yes or no", help) }
      owner[keyPath: path] = on
    }
  }

  /// Any text, or one of some words where `words` is given.
  public init(
    _ name: String, _ path: WritableKeyPath<Owner, String>, _ help: String, words: [String] = [],
    kind: Kind? = nil
  ) {
    self.init(
      name: name, help: help, kind: kind ?? (words.isEmpty ? .text : .word(words)),
      read: { .text($0[keyPath: path]) }
    ) { owner, value in
      guard let text = value.asText else { throw Option.wrong(name, value, "a text", help) }
      guard words.isEmpty || words.contains(text) else {
        throw Option.wrong(
          name, value, "one of: " + words.joined(separator: " "), help, near: nearest(to: text, among: words))
      }
      owner[keyPath: path] = text
    }
  }

  /// A list of texts, such as patterns of site names.
  public init(_ name: String, _ path: WritableKeyPath<Owner, [String]>, _ help: String, kind: Kind = .texts) {
    self.init(name: name, help: help, kind: kind, read: { .list($0[keyPath: path].map { .text($0) }) }) {
      owner, value in
      let elements = try Option.elements(name, value, help)
      owner[keyPath: path] = try elements.map {
        guard let text = $0.asText else { throw Option.wrong(name, value, "words separated by commas", help) }
        return text
      }
    }
  }

  /// A list of whole numbers: `0,2,5` or `0..3`.
  public init(_ name: String, _ path: WritableKeyPath<Owner, [Int]>, _ help: String) {
    self.init(
      name: name, help: help, kind: .integers, read: { .list($0[keyPath: path].map { .integer($0) }) }
    ) {
      owner, value in
      let elements = try Option.elements(name, value, help)
      owner[keyPath: path] = try elements.map {
        guard let n = $0.asInteger else {
          throw Option.wrong(name, value, "whole numbers, such as 0,2 or 0..3", help)
        }
        return n
      }
    }
  }

  /// One case of an enumeration, by its raw word.
  public init<Word: RawRepresentable & CaseIterable>(
    _ name: String, _ path: WritableKeyPath<Owner, Word>, _ help: String
  )
  where Word.RawValue == String {
    let words = Word.allCases.map(\.rawValue)
    self.init(name: name, help: help, kind: .word(words), read: { .text($0[keyPath: path].rawValue) }) {
      owner, value in
      guard let text = value.asText, let word = Word(rawValue: text) else {
        let near = nearest(to: value.asText ?? "", among: words)
        throw Option.wrong(name, value, "one of: " + words.joined(separator: " "), help, near: near)
      }
      owner[keyPath: path] = word
    }
  }

  private static func wrong(
    _ name: String, _ value: OptionValue, _ wanted: String, _ help: String, near: String? = nil
  ) -> Failure {
    let cure = near.map { "Did you mean \(name)=\($0)? " } ?? ""
    return Failure("\(name)=\(value) cannot be: \(name) is \(wanted).", cure: cure + "\(name): \(help)")
  }

  /// The values of a list; a range that cannot be written out is an error, not an empty list.
  private static func elements(_ name: String, _ value: OptionValue, _ help: String) throws -> [OptionValue] {
    if let range = value.impossibleRange {
      throw Failure(
        "\(name)=\(value) cannot be: \(range) runs backwards or is too long.",
        cure: "A range goes from the smaller to the larger, such as 0..3. \(name): \(help)")
    }
    return value.elements
  }

  private static func span(_ range: ClosedRange<Float>) -> String {
    func text(_ x: Float) -> String { OptionValue.shortest(Double("\(x)") ?? Double(x)) }
    let greatest = Float.greatestFiniteMagnitude
    if range.upperBound == greatest, range.lowerBound > -greatest {
      return "at least " + text(range.lowerBound)
    }
    return "from \(text(range.lowerBound)) to \(text(range.upperBound))"
  }

  private static func span(_ range: ClosedRange<Int>) -> String {
    range.upperBound == Int.max
      ? "a whole number from \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
  }
}

extension Array {
  /// Writes named values into an owner by its rows; an unknown name is an error with a suggestion.
  public func write<Owner>(
    _ values: [(name: String, value: OptionValue)], into owner: inout Owner, of thing: String
  ) throws
  where Element == Option<Owner> {
    for (name, value) in values {
      guard let row = first(where: { $0.name == name }) else {
        throw unknown("option", name, among: map(\.name), of: thing)
      }
      try row.write(&owner, value)
    }
  }
}

extension Option {
  /// The row for an owner that holds this row's owner at a key path.
  public func lifted<Outer>(_ path: WritableKeyPath<Outer, Owner>) -> Option<Outer> {
    lift(self, path)
  }
}

private func lift<Inner, Outer>(_ row: Option<Inner>, _ path: WritableKeyPath<Outer, Inner>) -> Option<Outer>
{
  let words: Option<Outer>.Kind
  switch row.kind {
  case .integer: words = .integer
  case .number: words = .number
  case .flag: words = .flag
  case .text: words = .text
  case .integers: words = .integers
  case .texts: words = .texts
  case .word(let all): words = .word(all)
  case .sites: words = .sites
  case .siteNumbers: words = .siteNumbers
  case .path: words = .path
  }
  return Option<Outer>(
    name: row.name, help: row.help, kind: words, read: { row.read($0[keyPath: path]) },
    write: { try row.write(&$0[keyPath: path], $1) })
}
