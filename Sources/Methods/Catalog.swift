import Networks
import Options

/// All methods, in the order in which one would teach them.
public enum Methods {
  /// One line a method; a test compares this with the folder.
  public static var all: [any TuningMethod.Type] {
    [
      FullTuning.self,
      BitFit.self,
      PromptTuning.self,
      LoRA.self,
      Adapter.self,
      SSF.self,
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
