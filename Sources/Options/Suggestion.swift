/// The word nearest to what was typed, or nil if none is near enough: at most a third of its letters differ,
/// or it begins with what was typed.
public func nearest(to word: String, among words: [String]) -> String? {
  guard !word.isEmpty, word.count <= 60 else { return nil }
  let typed = Array(word.lowercased())
  var best: (word: String, distance: Int)?
  for candidate in words where candidate.count <= 60 {
    let distance = editDistance(typed, Array(candidate.lowercased()))
    if distance < best?.distance ?? Int.max { best = (candidate, distance) }
  }
  if let best, best.distance <= max(1, (typed.count + 1) / 3) { return best.word }
  return words.first { $0.lowercased().hasPrefix(word.lowercased()) }
}

/// Optimal string alignment: insertions, deletions, substitutions and swaps of neighbours, each costing 1.
func editDistance(_ a: [Character], _ b: [Character]) -> Int {
  var rows = [Array(0...b.count)]
  for i in 0..<a.count {
    var row = [i + 1]
    for j in 0..<b.count {
      var cost = min(rows[i][j + 1] + 1, row[j] + 1, rows[i][j] + (a[i] == b[j] ? 0 : 1))
      if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, rows[i - 1][j - 1] + 1) }
      row.append(cost)
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}

/// The error for a name that is not in a list: with the nearest name, or the whole list where it is short.
public func unknown(_ kind: String, _ name: String, among names: [String], of thing: String = "") -> Failure {
  let owner = thing.isEmpty ? "" : " of \(thing)"
  var details: [String] = []
  if !names.isEmpty, names.count <= 40 { details = wrapped(names.sorted(), prefix: "there are: ") }
  let near = nearest(to: name, among: names)
  return Failure(
    "no \(kind) “\(name)”\(owner).", cure: near.map { "Did you mean “\($0)”?" } ?? "", details: details)
}

/// Words in lines of at most 76 columns, the first line after a prefix.
public func wrapped(_ words: [String], prefix: String, columns: Int = 76) -> [String] {
  var lines: [String] = [], line = prefix
  for word in words {
    if line.count + 1 + word.count > columns, line != prefix {
      lines.append(line)
      line = String(repeating: " ", count: prefix.count)
    }
    line += (line == prefix || line.allSatisfy { $0 == " " } ? "" : " ") + word
  }
  return lines + [line]
}
