/// All commands by purpose, in the order in which help lists them; a test compares this with the folder.
public enum Commands {
  /// Commands that serve one purpose.
  public struct Group {
    /// The purpose, as help shows it.
    public var purpose: String
    /// Its commands.
    public var commands: [any Command.Type]

    /// Commands under their purpose.
    public init(_ purpose: String, _ commands: [any Command.Type]) {
      self.purpose = purpose
      self.commands = commands
    }
  }

  /// Verbs by purpose.
  public static var groups: [Group] {
    [
      Group(
        "build and adapt",
        makers + [
          TaskCommand.self, DataCommand.self, TrainerCommand.self, RewardCommand.self, JudgeCommand.self,
          ConstitutionCommand.self, AttachCommand.self, DetachCommand.self, FreezeCommand.self,
          ThawCommand.self, OnCommand.self, OffCommand.self, QuantizeCommand.self, SettleCommand.self,
          MergeCommand.self, UnmergeCommand.self, MixCommand.self, UseCommand.self,
        ]),
      Group(
        "train",
        [
          StepCommand.self, ForwardCommand.self, BackwardCommand.self, UpdateCommand.self, TrainCommand.self,
          RolloutCommand.self, ScoreCommand.self, AdvantagesCommand.self, EvalCommand.self, LRCommand.self,
          OptimizerCommand.self, ResetCommand.self,
        ]),
      Group(
        "look",
        [
          ShowCommand.self, ParamsCommand.self, StatusCommand.self, TopCommand.self, GenCommand.self,
          EmbedCommand.self,
          PlotCommand.self,
          HistCommand.self,
          TraceCommand.self, ProfileCommand.self, WatchCommand.self, HookCommand.self, SnapCommand.self,
          DiffCommand.self,
          CompareCommand.self,
        ]),
      Group(
        "time",
        [
          UndoCommand.self, RedoCommand.self, GotoCommand.self, BranchCommand.self, TapeCommand.self,
          VerifyCommand.self,
        ]),
      Group(
        "files",
        [
          GetCommand.self, SaveCommand.self, LoadCommand.self, InspectCommand.self, ParityCommand.self,
          ExportCommand.self, RunCommand.self,
        ]),
      Group("help and settings", [HelpCommand.self, SetCommand.self, QuitCommand.self, ExitCommand.self]),
    ]
  }

  /// What makes a model, bare or after `let NAME =`.
  public static var makers: [any Command.Type] {
    [
      GPTCommand.self, LlamaCommand.self, BLOOMCommand.self, BERTCommand.self, T5Command.self,
      ViTCommand.self, OpenCommand.self,
    ]
  }

  /// Verbs, without makers.
  public static var all: [any Command.Type] {
    let making = makers.map { ObjectIdentifier($0) }
    return groups.flatMap(\.commands).filter { !making.contains(ObjectIdentifier($0)) }
  }
}
