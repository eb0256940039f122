/// A lesson: a head, and steps that are read, run, predicted and done.
public struct Lesson: Sendable {
  /// The name that is typed: `lora`.
  public var id = ""
  /// What it is called.
  public var title = ""
  /// How long it takes.
  public var minutes = 10
  /// Lessons that come before it.
  public var needs: [String] = []
  /// The session's seed while it is played.
  public var seed: UInt64 = 5
  /// Its one number, in words.
  public var aha = ""
  /// The paper it is about.
  public var paper = ""
  /// The file it came from.
  public var file = ""
  /// The steps in order.
  public var steps: [Step] = []

  /// One step; its id is `lora/3`, or given.
  public struct Step: Sendable {
    /// What is done with a step.
    public enum Kind: Sendable {
      /// Text to read.
      case prose(String)
      /// A cell to run: a worked example. `fails`: it is meant to end in an error.
      case cell(String, fails: Bool)
      /// A prediction, asked before the next cell can run.
      case predict(Prediction)
      /// Formulas that must hold now: the lesson's number as a test.
      case expect([String])
      /// A task of one's own.
      case task(Assignment)
      /// A sentence to write down; never graded.
      case explain(prompt: String, author: String)
      /// A question from an earlier lesson.
      case recall(from: String)
    }

    /// `lora/3`; empty for prose, cells and expectations.
    public var id = ""
    /// What it is.
    public var kind: Kind
    /// The line in the file.
    public var line: Int
  }

  /// A question with choices (or a number or word), what is right, and why.
  public struct Prediction: Sendable {
    /// The question.
    public var question = ""
    /// Choices with what to say when they are chosen wrongly.
    public var choices: [(key: String, text: String, remark: String)] = []
    /// The key, or what is typed.
    public var answer = ""
    /// Why.
    public var because = ""
  }

  /// A task: checks on state, remarks on what goes wrong, a ladder of hints, a reference answer.
  public struct Assignment: Sendable {
    /// What is to be done.
    public var text = ""
    /// Formulas that must all hold.
    public var checks: [String] = []
    /// Formulas that show a misunderstanding, each with what to say.
    public var misconceptions: [(formula: String, remark: String)] = []
    /// From a nudge to nearly the answer.
    public var hints: [String] = []
    /// A cell that solves it.
    public var answer = ""
  }
}

extension Lesson.Step {
  /// Whether it takes something from the learner and so stands in the progress file.
  public var isCounted: Bool {
    switch kind {
    case .predict, .task, .explain: return true
    default: return false
    }
  }
}

extension Lesson {
  /// The steps that take something from the learner.
  public var counted: [Step] { steps.filter(\.isCounted) }
  /// All cells, in order: what must be the same in every language.
  public var cells: [String] {
    steps.compactMap { step in
      switch step.kind {
      case .cell(let text, _): return text
      case .task(let task): return task.answer
      default: return nil
      }
    }
  }
}
