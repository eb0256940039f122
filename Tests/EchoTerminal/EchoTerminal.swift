import Foundation
import Terminal

/// A program for the tests of the terminal: it answers every cell with `got [cell]`, and knows a few
/// commands.
///
///     EchoTerminal [HISTORY]
@main
struct EchoTerminal {
  static let words = [
    "attach", "attn.q", "attn.qkv", "blocks.0.attn.q", "blocks.0.mlp.up", "on=attn.q", "r=8", "@lora", "数据",
    "数字",
  ]

  let facts: TerminalFacts
  let screen: Screen
  let source: any LineSource
  let counter: UnsafeMutablePointer<Int32>

  static func main() {
    Signals.install()
    let facts = TerminalFacts.now()
    let history = CommandLine.arguments.dropFirst().first
    let source: any LineSource
    if facts.inputIsTerminal {
      let readline = ReadlineSource(history: history)
      readline.completer = complete
      if let problem = readline.historyProblem { print(problem) }
      source = readline
    } else {
      source = PipeSource()
    }
    let counter = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
    counter.initialize(to: 0)
    Signals.countInterrupts(at: counter)
    EchoTerminal(facts: facts, screen: Screen(facts: facts), source: source, counter: counter).run()
  }

  func run() {
    let reader = CellReader(source)
    let prompt = facts.hasColor ? "\u{1B}[1mecho>\u{1B}[0m " : "echo> "
    while true {
      screen.freshLine()
      switch reader.read(prompt: prompt, isComplete: EchoTerminal.completeness) {
      case .interrupted: screen.line("interrupted")
      case .end:
        screen.line(Signals.isLeaving ? "leaving" : "bye")
        return
      case .line("quit"): return
      case .line(let cell): answer(cell)
      }
    }
  }

  func answer(_ cell: String) {
    let words = cell.split(separator: " ", maxSplits: 1).map(String.init)
    switch words.first {
    case "elsewhere": receiveSignalsElsewhere()
    case "busy": busy(isOneStep: words.count > 1)
    case "width": screen.line("width \(screen.width)")
    case "facts": screen.line("facts utf8 \(facts.localeIsUTF8) dumb \(facts.isDumb) color \(facts.hasColor)")
    case "offer": (source as? ReadlineSource)?.offer(words[1])
    case "type": (source as? ReadlineSource)?.offer(words[1], typed: true)
    case "counter": screen.line("counter \(counter.pointee)")
    default: screen.line("got [\(cell)]")
    }
  }

  /// Works until Ctrl-C: step by step, or in one step that only a second Ctrl-C cancels.
  func busy(isOneStep: Bool) {
    var step = 0
    var said = 0
    while Signals.interrupts < (isOneStep ? 2 : 1) {
      step += 1
      screen.progress("step \(step) \(String(repeating: "█", count: 150))")
      if Signals.interrupts > said {
        said = Signals.interrupts
        screen.line("finishing the step")
      }
      poll(nil, 0, 2)
    }
    screen.endProgress("stopped")
    screen.line("interrupts \(counter.pointee)")
  }

  /// From now on signals reach another thread, as they may in any program with several.
  func receiveSignalsElsewhere() {
    Thread.detachNewThread { while true { poll(nil, 0, -1) } }
    var all = sigset_t()
    sigfillset(&all)
    pthread_sigmask(SIG_BLOCK, &all, nil)
    screen.line("elsewhere")
  }

  static func completeness(_ text: String) -> CellReader.Completeness {
    var depth = 0
    for character in text {
      if "([{".contains(character) { depth += 1 }
      if ")]}".contains(character) { depth -= 1 }
      if depth < 0 { return .invalid }
    }
    return depth > 0 || text.hasSuffix("\\") ? .incomplete : .complete
  }

  /// Words that begin with what stands before the cursor; the whole word, between spaces and commas, is
  /// replaced.
  static func complete(_ text: String, _ cursor: Int) -> Completion {
    let bytes = Array(text.utf8)
    let separators = Array(" ,\n".utf8)
    let start = bytes[..<cursor].lastIndex { separators.contains($0) }.map { $0 + 1 } ?? 0
    let end = bytes[cursor...].firstIndex { separators.contains($0) } ?? bytes.count
    let typed = String(decoding: bytes[start..<cursor], as: UTF8.self)
    let found = words.filter { $0.hasPrefix(typed) }
    return Completion(range: start..<end, candidates: found, appendSpace: !typed.hasSuffix("="))
  }
}
