import Networks
import Options

/// All methods, in the order in which one would teach them.
public enum Methods {
  /// One line a method; a test compares this with the folder.
  public static var all: [any TuningMethod.Type] {
    [
      FullTuning.self,
      HeadTuning.self,
      BitFit.self,
      NormTuning.self,
      PromptTuning.self,
      PrefixTuning.self,
      PTuning.self,
      PTuningV2.self,
      LoRA.self,
      DoRA.self,
      PiSSA.self,
      IA3.self,
      QLoRA.self,
      Adapter.self,
      SSF.self,
      PILL.self,
    ]
  }

  /// The names that are typed after `attach`.
  public static var names: [String] { all.map { $0.card.name } }

  /// The method of a name; throws with a suggestion.
  public static func named(_ name: String) throws -> any TuningMethod.Type {
    guard let found = all.first(where: { $0.card.name == name }) else {
      throw unknown("method", name, among: names)
    }
    return found
  }
}
