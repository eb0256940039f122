import Options

/// All views, in the order in which help lists them; a test compares this with the folder.
public enum Views {
  /// One line a view.
  public static var all: [any View.Type] {
    [
      // the model and what is on it
      ShapesView.self, ParamsView.self, AttachmentsView.self, DeltaView.self, PromptView.self,
      PrefixView.self, QuantView.self, AdapterView.self, SSFView.self,
      // a run of it
      ActView.self, AttnView.self, GateView.self,
      // training
      DataView.self, BatchView.self, MaskView.self, AnswersView.self, LossView.self, GradView.self,
      FlowView.self, MemoryView.self,
    ]
  }

  /// The names that are typed after `show`.
  public static var names: [String] { all.map { $0.card.name } }

  /// The view of a name; throws with a suggestion.
  public static func named(_ name: String) throws -> any View.Type {
    guard let found = all.first(where: { $0.card.name == name }) else {
      throw unknown("view", name, among: names)
    }
    return found
  }
}
