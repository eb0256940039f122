#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

let words = Array(CommandLine.arguments.dropFirst())

func run() throws -> Bool {
  let size = words.count > 1 ? Size.all.first { $0.name == words[1] } : nil
  let config = words.count > 2 ? Config(words[2]) : nil
  switch words.first {
  case "train":
    guard let size, let config, words.count > 3, let threads = Int(words[3]) else { return false }
    let budget = words.count > 4 ? Double(words[4]) : nil
    try Commands.train(size, config, threads: threads, budget: budget ?? 2)
  case "all":
    let budget = words.count > 1 ? Double(words[1]) : nil
    try Commands.all(CommandLine.arguments[0], budget: budget ?? 2)
  case "methods":
    guard let size, words.count > 2, let threads = Int(words[2]) else { return false }
    let budget = words.count > 3 ? Double(words[3]) : nil
    try Commands.methods(CommandLine.arguments[0], size, threads: threads, budget: budget ?? 1)
  case "feedback":
    guard let size, words.count > 2, let threads = Int(words[2]) else { return false }
    let budget = words.count > 3 ? Double(words[3]) : nil
    try Feedback.run(size, threads: threads, budget: budget ?? 2, isWhole: words.last == "full")
  case "generate":
    guard words.count > 2, let threads = Int(words[2]) else { return false }
    let budget = words.count > 3 ? Double(words[3]) ?? 2 : 2, more = words.count > 4 ? words[4] : nil
    if let size {
      try Generating.run(size, threads: threads, budget: budget, file: more)
    } else {
      try Generating.run(path: words[1], keep: more, threads: threads, budget: budget)
    }
  case "agree":
    guard let size, let config, words.count > 3 else { return false }
    try Commands.agree(size, config, file: words[3])
  case "same":
    guard let size, let config else { return false }
    try Commands.same(size, config)
  case "drift":
    guard let size else { return false }
    try Sweeps.drift(size, steps: words.count > 2 ? Int(words[2]) ?? 200 : 200)
  case "batches", "contexts":
    guard let size, let config, words.count > 3, let threads = Int(words[3]) else { return false }
    let budget = words.count > 4 ? Double(words[4]) ?? 0.5 : 0.5
    let sweep = words[0] == "batches" ? Sweeps.batches : Sweeps.contexts
    try sweep(size, config, threads, budget)
  case "typing": try Typing.run()
  case "picture":
    guard words.count > 2, let y = words.last else { return false }
    var lines: [String] = []
    while let line = readLine() { lines.append(line) }
    try Pictures.draw(lines, to: words[1], x: words.count > 3 ? words[2] : nil, y: y)
  case "tokens":
    guard words.count > 1 else { return false }
    guard try TokenLines.compare(words[1]) else { exit(1) }
  case "probe": Commands.probe()
  default: return false
  }
  return true
}

do {
  guard try run() else {
    print(Commands.usage)
    exit(2)
  }
} catch {
  print("\(error)")
  exit(1)
}
