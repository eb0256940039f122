import Lessons
import Notebook

/// `graft reference FOLDER`: the reference pages, written from the cards.
enum ReferenceFace {
  static func run(_ arguments: Arguments) throws -> Int32 {
    let folder = arguments.words[0], files = Surroundings().files
    try files.makeFolders(folder)
    for page in Reference.pages(commands: Commands.all + LessonCommands.all) {
      let path = folder + "/" + page.name
      try files.write(path, text: page.text)
      Plain.line(path)
    }
    return Status.fine
  }
}
