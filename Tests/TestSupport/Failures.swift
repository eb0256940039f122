import Options
import Testing

/// The failure that a closure throws; a test issue where it throws none.
public func failure(_ body: () throws -> Void, _ at: SourceLocation = #_sourceLocation) -> Failure {
  do { try body() } catch let failure as Failure { return failure } catch {
    Issue.record("threw \(error), not a Failure", sourceLocation: at)
    return Failure("")
  }
  Issue.record("threw nothing", sourceLocation: at)
  return Failure("")
}

/// Whether some words stand in what a closure throws.
public func expectFailure(_ words: String, _ at: SourceLocation = #_sourceLocation, _ body: () throws -> Void)
{
  let text = failure(body, at).description
  #expect(text.contains(words), "\(text)", sourceLocation: at)
}
