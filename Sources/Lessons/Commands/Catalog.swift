import Notebook

/// The commands of lessons, handed to a session as a further catalog.
public enum LessonCommands {
  /// In the order in which help lists them.
  public static var all: [any Command.Type] {
    [
      LessonCommand.self, NextCommand.self, BackCommand.self, HintCommand.self, AnswerCommand.self,
      SkipCommand.self,
      PlayCommand.self, ResumeCommand.self, PredictCommand.self, CheckCommand.self,
    ]
  }
}
