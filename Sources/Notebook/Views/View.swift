import Events
import Options

/// A way of looking inside, shown by `show NAME`. One file and one line in the catalog.
///
/// A view changes nothing. Where it does not apply it throws a `Failure` that says why, and what to do.
public protocol View {
  /// With default options.
  init()
  /// What it says of itself.
  static var card: Card { get }
  /// Its options.
  static var options: [Option<Self>] { get }
  /// The words after its name.
  static var takes: Takes { get }
  /// Shows it; the words of the call are those after the view's name.
  func show(_ session: Session, _ subject: Subject, _ call: Call) throws
}

extension View {
  /// No options.
  public static var options: [Option<Self>] { [] }
  /// No words.
  public static var takes: Takes { Takes() }
}

extension Takes {
  /// A pattern of sites, or nothing.
  static var sites: Takes {
    Takes("[PATTERN]", 0...1) { _, session in session.currentSubject?.model.sites.map(\.name) ?? [] }
  }

  /// A pattern of parameters, or nothing.
  static var parameters: Takes {
    Takes("[PATTERN]", 0...1) { _, session in session.parameterPatterns }
  }
}
