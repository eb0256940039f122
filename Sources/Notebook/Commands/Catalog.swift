/// All commands, in the order in which help lists them; a test compares this with the folder.
public enum Commands {
  /// Verbs.
  public static var all: [any Command.Type] {
    [
      // build and adapt
      TaskCommand.self, DataCommand.self, AttachCommand.self, DetachCommand.self, FreezeCommand.self, ThawCommand.self,
      MergeCommand.self, UnmergeCommand.self, UseCommand.self,
      // train
      StepCommand.self, ForwardCommand.self, BackwardCommand.self, UpdateCommand.self, TrainCommand.self,
      EvalCommand.self, LRCommand.self, OptimizerCommand.self, ResetCommand.self,
      // time
      UndoCommand.self, RedoCommand.self, GotoCommand.self, BranchCommand.self, TapeCommand.self,
      VerifyCommand.self,
    ]
  }

  /// What makes a model, bare or after `let NAME =`.
  public static var makers: [any Command.Type] { [GPTCommand.self] }
}
