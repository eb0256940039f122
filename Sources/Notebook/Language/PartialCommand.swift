/// A command as far as it was typed: which option waits for its value, and whether a list goes on.
struct PartialCommand {
  var call: CompletionContext.Call
  /// The option that the last value belongs to; nil for a positional one.
  var option: String?
  /// Whether that option has no value yet.
  var wantsValue = false
  /// Whether the next word continues a list, after a comma.
  var continues = false
  /// Whether the position is within the brackets of a list.
  var bracketed = false
  /// Whether the last word could be an option's name, if `=` follows.
  private var lastIsBare = false

  init(verb: String) { call = .init(verb: verb) }

  /// What can stand next.
  var subject: CompletionContext.Subject {
    if let option, wantsValue || continues || bracketed { return .value(of: option, call) }
    var call = call
    if continues, !call.words.isEmpty { call.words.removeLast() }
    return call.words.isEmpty ? .argument(call) : .option(call)
  }

  /// The next word.
  mutating func word(_ text: String, bare: Bool) {
    if wantsValue || continues || bracketed {
      (wantsValue, continues) = (false, false)
      return
    }
    if bare, text.utf8.count > 1, text.utf8.last == 0x3A {
      begin(option: String(text.dropLast()))
      return
    }
    option = nil
    lastIsBare = bare
    call.words.append(text)
  }

  /// A comma: the next word belongs to the same value.
  mutating func comma() { continues = !bracketed }

  /// `=`: the last word was an option's name.
  mutating func equals() {
    guard lastIsBare, let name = call.words.popLast() else { return }
    begin(option: name)
  }

  private mutating func begin(option name: String) {
    option = name
    wantsValue = true
    continues = false
    lastIsBare = false
    call.given.append(name)
  }
}
