extension Lesson.Step {
  /// A short hash of what the step asks.
  var content: String {
    var text = ""
    switch kind {
    case .predict(let p): text = p.question + p.answer + p.choices.map { $0.key + $0.text }.joined()
    case .task(let t): text = t.checks.joined()
    case .explain(let prompt, _): text = prompt
    default: break
    }
    let hash = text.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}
