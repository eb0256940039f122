import Events
import Notebook

/// `graft parity FOLDER`: our numbers against peft's.
enum ParityFace {
  static func run(_ arguments: Arguments) throws -> Int32 {
    let opening = Opening(arguments), path = arguments.words[0]
    if arguments.has("json") {
      let (text, failed) = try ParityCommand.json(path, opening.session)
      Plain.line(text)
      return failed > 0 ? Status.failed : Status.fine
    }
    let report = try ParityCommand.check(path, grads: arguments.has("grads"), opening.session)
    opening.display.settle()
    return report.failed > 0 ? Status.failed : Status.fine
  }
}

/// `graft inspect FOLDER [FOLDER]`: an adapter without its base.
enum InspectFace {
  static func run(_ arguments: Arguments) throws -> Int32 {
    let opening = Opening(arguments)
    if arguments.has("json") {
      Plain.line(try InspectCommand.json(arguments.words, opening.session))
      return Status.fine
    }
    try InspectCommand.show(arguments.words, all: arguments.has("all"), opening.session)
    opening.display.settle()
    return Status.fine
  }
}
