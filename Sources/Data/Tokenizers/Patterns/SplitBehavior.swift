/// What becomes of the matches at which a text is cut.
enum SplitBehavior: String, Sendable, CaseIterable {
  case removed = "Removed"
  case isolated = "Isolated"
  case mergedWithPrevious = "MergedWithPrevious"
  case mergedWithNext = "MergedWithNext"
  case contiguous = "Contiguous"

  /// Adds the pieces that come of parts in order, each a match or not.
  func join(_ parts: [(range: Range<Int>, isMatch: Bool)], _ out: inout [Range<Int>]) {
    switch self {
    case .removed: for part in parts where !part.isMatch { out.append(part.range) }
    case .isolated: for part in parts { out.append(part.range) }
    case .mergedWithPrevious:
      var before = false
      let start = out.count
      for part in parts {
        if part.isMatch, !before, out.count > start {
          out[out.count - 1] = out[out.count - 1].lowerBound..<part.range.upperBound
        } else {
          out.append(part.range)
        }
        before = part.isMatch
      }
    case .mergedWithNext:
      var held: Range<Int>?
      for part in parts {
        if part.isMatch {
          if let held { out.append(held) }
          held = part.range
        } else {
          out.append((held?.lowerBound ?? part.range.lowerBound)..<part.range.upperBound)
          held = nil
        }
      }
      if let held { out.append(held) }
    case .contiguous:
      var last: Bool?
      for part in parts {
        if last == part.isMatch {
          out[out.count - 1] = out[out.count - 1].lowerBound..<part.range.upperBound
        } else {
          out.append(part.range)
        }
        last = part.isMatch
      }
    }
  }
}
