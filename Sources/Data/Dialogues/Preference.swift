import FileSystem
import Options

/// How far one answer is preferred to another.
public struct Preference: Sendable, Equatable {
  /// The share of those asked who prefer the chosen one, from 0 to 1: 1 where nobody said otherwise.
  public var agreement = 1.0
  /// By how much it is better, on the raters' own scale; 0: not known.
  public var margin = 0.0

  /// A preference.
  public init(agreement: Double = 1, margin: Double = 0) {
    (self.agreement, self.margin) = (agreement, margin)
  }
}

/// Two answers to one prompt, the better one first.
public struct PreferencePair: Sendable, Equatable {
  /// What both answer; may be empty.
  public var prompt: String
  /// The better answer.
  public var chosen: String
  /// The worse one.
  public var rejected: String
  /// How far.
  public var preference: Preference

  /// A pair.
  public init(prompt: String, chosen: String, rejected: String, _ preference: Preference = Preference()) {
    (self.prompt, self.chosen, self.rejected) = (prompt, chosen, rejected)
    self.preference = preference
  }

  /// The same pair the other way round.
  public var swapped: PreferencePair {
    PreferencePair(
      prompt: prompt, chosen: rejected, rejected: chosen,
      Preference(agreement: 1 - preference.agreement, margin: -preference.margin))
  }
}

extension TextTable {
  /// The rows as pairs; `agreement` and `margin` are taken where there are columns of these names.
  public func pairs(prompt: String = "prompt", chosen: String = "chosen", rejected: String = "rejected")
    throws
    -> [PreferencePair]
  {
    guard columns.contains(chosen), columns.contains(rejected) else {
      throw Failure(
        "\(name) has no pairs: it lacks the column “\(columns.contains(chosen) ? rejected : chosen)”.",
        cure: "Name the columns: data pairs \(name) prompt=… chosen=… rejected=…",
        details: wrapped(columns, prefix: "columns: "))
    }
    let better = try column(chosen), worse = try column(rejected)
    let prompts = columns.contains(prompt) ? try column(prompt) : better.map { _ in "" }
    let agreements = try numbers("agreement", in: 0...1), margins = try numbers("margin", in: -1e6...1e6)
    return try better.indices.map { i in
      guard !better[i].trimmed.isEmpty, !worse[i].trimmed.isEmpty else {
        throw Failure(
          "\(name): line \(lines[i]): \(better[i].trimmed.isEmpty ? chosen : rejected) is empty.",
          cure: "Fill it in, or take the line out.")
      }
      return PreferencePair(
        prompt: prompts[i], chosen: better[i], rejected: worse[i],
        Preference(agreement: agreements?[i] ?? 1, margin: margins?[i] ?? 0))
    }
  }

  private func numbers(_ title: String, in range: ClosedRange<Double>) throws -> [Double]? {
    guard columns.contains(title) else { return nil }
    return try zip(column(title), lines).map { text, line in
      guard let x = Double(text.trimmed), range.contains(x) else {
        throw Failure(
          "\(name): line \(line): \(title) “\(text)” is no number from \(range.lowerBound) to \(range.upperBound)."
        )
      }
      return x
    }
  }
}
