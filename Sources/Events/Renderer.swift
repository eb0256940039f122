/// Turns events into the characters of one face.
public protocol Renderer: Sendable {
  /// The event as whole lines, the last with its line break; empty where there is nothing to show.
  func text(of event: Event, cell: Int) -> String
}
